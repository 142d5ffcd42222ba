/** What grows, and what stays: figures that were taken at several sizes, each beside the same at the first. */
import { type Figure, spreadOf } from './figure.ts';

/** Measures one size after the other, and compares. @param measure the same figures in the same order, whatever the size */
export async function atEach(
  sizes: readonly number[],
  measure: (size: number, index: number) => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  const measured: (readonly Figure[])[] = [];
  for (const [index, size] of sizes.entries()) measured.push(await measure(size, index));
  return compared(measured);
}

/** Those of the same kind one below the other. @param measured the same figures in the same order, by size */
export function compared(measured: readonly (readonly Figure[])[]): readonly Figure[] {
  const [first = [], ...others] = measured;
  return first.flatMap((least, index) => [
    least,
    ...others.map((figures) => beside(figures[index] as Figure, least)),
  ]);
}

/** With what it is of the first, on either side; of nothing, nothing can be told. */
function beside(figure: Figure, least: Figure): Figure {
  const times = (values: readonly number[] = [], of: readonly number[] = []) =>
    (spreadOf(values).median / spreadOf(of).median).toFixed(2);
  if (spreadOf(least.ours).median === 0) return figure;
  const floor = figure.floor && `, the floor’s ${times(figure.floor, least.floor)}`;
  const note = `${times(figure.ours, least.ours)} of the first${floor ?? ''}. ${figure.note ?? ''}`;
  return { ...figure, note: note.trimEnd() };
}
