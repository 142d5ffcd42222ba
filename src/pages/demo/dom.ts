/** The page's elements: found, made, shown and hidden. */

/** @throws {Error} where the page has no such element: page and script do not belong together. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no ${type.name} with the id ${id}.`);
  return found;
}

/** Texts are put in as texts: nothing that the app or a file says becomes markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A list of terms and what they are. */
export function definitions(entries: Iterable<readonly [term: string, text: string]>): HTMLElement[] {
  return [...entries].flatMap(([term, text]) => [element('dt', {}, term), element('dd', {}, text)]);
}
