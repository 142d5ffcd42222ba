/** Figures as a table of docs/performance.md, and as JSON. */
import { type Figure, ratioOf, type Spread, spreadOf } from './figure.ts';

/** With a heading; the column of what nobody has is left out. */
export function benchTable(figures: readonly Figure[], floorName = 'floor'): string {
  const hasFloor = figures.some(({ floor }) => floor !== undefined);
  const hasDurable = figures.some(({ durable }) => durable !== undefined);
  const hasNote = figures.some(({ note }) => note !== undefined);
  const row = (...cells: readonly (string | undefined)[]) =>
    `| ${cells.filter((cell) => cell !== undefined).join(' | ')} |`;
  const only = (is: boolean, cell: string) => (is ? cell : undefined);
  const lines = figures.map((figure) => {
    const { name, unit, ours, floor, durable = [], note = '' } = figure;
    return row(
      name,
      unit,
      spreadText(ours),
      only(hasFloor, floor === undefined ? '' : spreadText(floor)),
      only(hasFloor, ratioOf(figure)?.toFixed(2) ?? ''),
      only(hasDurable, durable.join(' to ')),
      only(hasNote, note),
    );
  });
  const columns = 3 + (hasFloor ? 2 : 0) + (hasDurable ? 1 : 0) + (hasNote ? 1 : 0);
  return [
    row(
      '',
      'unit',
      'this app',
      only(hasFloor, floorName),
      only(hasFloor, 'ratio'),
      only(hasDurable, 'Durable Functions'),
      only(hasNote, ''),
    ),
    `|${' --- |'.repeat(columns)}`,
    ...lines,
    '',
  ].join('\n');
}

/** What is written beside the tables, for programs: everything that was measured. */
export function benchJson(figures: readonly Figure[]): object[] {
  return figures.map((figure) => ({
    name: figure.name,
    unit: figure.unit,
    ours: { values: figure.ours, ...spreadOf(figure.ours) },
    ...(figure.floor && { floor: { values: figure.floor, ...spreadOf(figure.floor) } }),
    ratio: ratioOf(figure),
    durable: figure.durable,
    note: figure.note,
  }));
}

/** The median, with least and most where there is a spread. */
function spreadText(values: readonly number[]): string {
  const { min, median, max }: Spread = spreadOf(values);
  if (min === max) return number(median);
  return `**${number(median)}** (${number(min)} to ${number(max)})`;
}

/** Three digits are as many as such a measurement bears. */
function number(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(3, digits));
}
