/**
 * A template tag that escapes whatever is put into it, so that no value of a file can become markup: only what this
 * tag made goes in as it is.
 */

const MADE_HERE: unique symbol = Symbol('markup');

/** Markup, ready to be put into other markup or into the page. */
export interface Markup {
  readonly [MADE_HERE]: string;
}

type Part = Markup | string | number | undefined | readonly Part[];

/** Joins markup and values; strings are escaped, undefined is nothing, lists are joined. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const texts = literals.map((literal, i) => literal + textOf(parts[i]));
  return { [MADE_HERE]: texts.join('') };
}

/** Takes text as markup as it is. Only for text of this program, never for a value of a file. */
export const asMarkup = (text: string): Markup => ({ [MADE_HERE]: text });

/** The text of markup. */
export const textOfMarkup = (markup: Markup): string => markup[MADE_HERE];

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escapeText(visible(part));
  return MADE_HERE in part ? part[MADE_HERE] : part.map(textOf).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeText = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

/**
 * Control characters, and characters that turn or hide the text around them: a page may not hold NUL, and a value
 * with a right-to-left override would rewrite the figures beside it. Joiners stay: Persian and emoji need them.
 */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;

function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return `\u2039U+${code.toString(16).toUpperCase().padStart(4, '0')}\u203a`;
  });
}
