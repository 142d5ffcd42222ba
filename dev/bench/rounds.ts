/**
 * Measures both sides in turns. What the machine does beside meets both alike that way, and neither is always the first: the order
 * changes from round to round.
 */
import { SIDE_NAMES, type Side, type SideName, type Sides } from './sides.ts';

/** Values of one side, one a round. */
export type Measured<T> = Readonly<Record<SideName, readonly T[]>>;

export async function inTurns<T>(
  sides: Sides,
  rounds: number,
  measure: (side: Side) => Promise<T>,
): Promise<Measured<T>> {
  const measured: Record<SideName, T[]> = { ours: [], floor: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? SIDE_NAMES : SIDE_NAMES.toReversed();
    for (const name of order) measured[name].push(await measure(sides[name]));
  }
  return measured;
}

/** One part of what was measured, as a figure has it. */
export function each<T>({ ours, floor }: Measured<T>, pick: (value: T) => number): Measured<number> {
  return { ours: ours.map(pick), floor: floor.map(pick) };
}
