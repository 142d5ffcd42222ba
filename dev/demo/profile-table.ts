/** A profile as a table of at most 80 characters a line. */
import type { ColumnProfile, Profile } from '../../src/operations/csv-profile/profile.ts';

const MOST_COLUMNS = 12;
const MOST_NAME_CHARACTERS = 16;
/** Of the three figures together, with two spaces between: what other columns have for their commonest value. */
const FIGURE_CHARACTERS = 9;
const COMMONEST_CHARACTERS = 3 * FIGURE_CHARACTERS + 4;

const figure = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 5, useGrouping: 'min2' });
const whole = new Intl.NumberFormat('en-US');

/** The lines of the table, its header first. */
export function profileTable({ rows, columns }: Profile): readonly string[] {
  const shown = columns.slice(0, MOST_COLUMNS);
  const cells = [
    ['column', 'type', 'nulls', 'distinct', figures('min', 'mean', 'max')],
    ...shown.map((column) => cellsOf(column, rows)),
  ];
  const widths = [0, 1, 2, 3].map((index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const lines = cells.map(([name = '', type = '', nulls = '', distinct = '', last = '']) =>
    [
      name.padEnd(widths[0] ?? 0),
      type.padEnd(widths[1] ?? 0),
      nulls.padStart(widths[2] ?? 0),
      distinct.padStart(widths[3] ?? 0),
      last,
    ].join('  '),
  );
  const left = columns.length - shown.length;
  return left === 0 ? lines : [...lines, `and ${left} columns more`];
}

function cellsOf(column: ColumnProfile, rows: number): string[] {
  const { name, type, nulls, distinct, distinctIsExact, min, mean, max } = column;
  const isNumeric = min !== undefined && mean !== undefined && max !== undefined;
  return [
    cut(name, MOST_NAME_CHARACTERS),
    type,
    whole.format(nulls),
    `${distinctIsExact ? '' : '~'}${whole.format(distinct)}`,
    isNumeric
      ? figures(figure.format(min), figure.format(mean), figure.format(max))
      : commonest(column, rows),
  ];
}

function figures(...three: string[]): string {
  return three.map((text) => text.padStart(FIGURE_CHARACTERS)).join('  ');
}

function commonest({ top }: ColumnProfile, rows: number): string {
  const [first] = top;
  if (first === undefined) return '';
  const percent = Math.round((100 * first.count) / rows);
  const share = ` (${percent === 0 ? '<1' : percent} %)`;
  const label = '   top: ';
  return `${label}${cut(first.value, COMMONEST_CHARACTERS - label.length - share.length)}${share}`;
}

/** Names and values come from a file: none may move the cursor. */
function cut(text: string, mostCharacters: number): string {
  const printable = text.replaceAll(/\p{C}/gu, '?');
  return printable.length <= mostCharacters ? printable : `${printable.slice(0, mostCharacters - 1)}…`;
}
