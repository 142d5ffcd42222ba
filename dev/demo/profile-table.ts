/** A profile as a table of at most 80 characters a line. */
import type { ColumnProfile, Profile } from '../../src/operations/csv-profile/profile.ts';

const MOST_COLUMNS = 16;
/** A terminal's 80, without the indent of everything the demo shows. */
const LINE_CHARACTERS = 77;
const FIGURE_CHARACTERS = 9;
const GAP = '  ';
/** Of three figures: the room that a column without figures has for its commonest value. */
const FIGURES_CHARACTERS = 3 * FIGURE_CHARACTERS + 2 * GAP.length;

const decimal = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 5, useGrouping: 'min2' });
const whole = new Intl.NumberFormat('en-US');

/** The lines of the table, its header first. */
export function profileTable({ rows, columns }: Profile): readonly string[] {
  const shown = columns.slice(0, MOST_COLUMNS);
  const left = columns.length - shown.length;
  const right = aligned([
    ['type', 'nulls', 'distinct', figures('min', 'mean', 'max')],
    ...shown.map((column) => cellsOf(column, rows)),
  ]);
  const room = LINE_CHARACTERS - GAP.length - Math.max(...right.map((line) => line.length));
  const names = ['column', ...shown.map(({ name }) => cut(name, room))];
  const nameCharacters = Math.max(...names.map((name) => name.length));
  const lines = right.map((line, index) => `${names[index]?.padEnd(nameCharacters)}${GAP}${line}`);
  return left === 0 ? lines : [...lines, `and ${left} columns more`];
}

/** Words to the left, numbers to the right. */
function aligned(table: readonly (readonly string[])[]): readonly string[] {
  const widthOf = (index: number) => Math.max(...table.map((cells) => cells[index]?.length ?? 0));
  return table.map(([type = '', nulls = '', distinct = '', last = '']) =>
    [type.padEnd(widthOf(0)), nulls.padStart(widthOf(1)), distinct.padStart(widthOf(2)), last].join(GAP),
  );
}

function cellsOf(column: ColumnProfile, rows: number): readonly string[] {
  const { type, nulls, distinct, distinctIsExact, min, mean, max } = column;
  const isNumeric = min !== undefined && mean !== undefined && max !== undefined;
  return [
    type,
    whole.format(nulls),
    `${distinctIsExact ? '' : '~'}${whole.format(distinct)}`,
    isNumeric ? figures(figure(min), figure(mean), figure(max)) : commonest(column, rows),
  ];
}

function figures(...three: string[]): string {
  return three.map((text) => text.padStart(FIGURE_CHARACTERS)).join(GAP);
}

function figure(value: number): string {
  const text = decimal.format(value);
  return text.length <= FIGURE_CHARACTERS ? text : value.toExponential(2);
}

function commonest({ top }: ColumnProfile, rows: number): string {
  const [first] = top;
  if (first === undefined) return '';
  const percent = Math.round((100 * first.count) / rows);
  const share = ` (${percent === 0 ? '<1' : percent} %)`;
  const label = 'top: ';
  return `${label}${cut(first.value, FIGURES_CHARACTERS - label.length - share.length)}${share}`;
}

/** Names and values come from a file: none may move the cursor. */
function cut(text: string, mostCharacters: number): string {
  const printable = text.replaceAll(/\p{C}/gu, '?');
  return printable.length <= mostCharacters ? printable : `${printable.slice(0, mostCharacters - 1)}…`;
}
