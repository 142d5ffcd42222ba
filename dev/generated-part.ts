/**
 * Parts of a page that a program writes, each between two comments that name it, so that what a machine has seen is
 * not typed and the rest of the page can be.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const marks = (name: string) => ({ begin: `<!-- begin ${name} -->\n`, end: `<!-- end ${name} -->` });

function bounds(page: string, file: string, name: string): { from: number; to: number } {
  const { begin, end } = marks(name);
  const from = page.indexOf(begin) + begin.length;
  const to = page.indexOf(end);
  if (from < begin.length || to < from) {
    throw new Error(`${file} has no part between '${begin.trim()}' and '${end}'`);
  }
  return { from, to };
}

/** The part's text. @throws {Error} where the page has no such part */
export function readPart(file: string, name: string): string {
  const page = readFileSync(file, 'utf8');
  const { from, to } = bounds(page, file, name);
  return page.slice(from, to);
}

/** Puts the text in the place of the part's. @throws {Error} where the page has no such part */
export function writePart(file: string, name: string, text: string): void {
  const page = readFileSync(file, 'utf8');
  const { from, to } = bounds(page, file, name);
  writeFileSync(file, page.slice(0, from) + text + page.slice(to));
}
