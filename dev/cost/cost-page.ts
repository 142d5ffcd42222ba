/** The generated parts of docs/cost.md, by name. */
import {
  answer,
  countsTable,
  designsTable,
  idleDollars,
  keptDollars,
  pollingTable,
  pricesTable,
} from './cost-tables.ts';

export const PAGE = 'docs/cost.md';

export function costParts(): Readonly<Record<string, string>> {
  return {
    answer: answer(),
    designs: designsTable(),
    polling: pollingTable(),
    idle: idleDollars(),
    kept: keptDollars(),
    counts: countsTable(),
    prices: pricesTable(),
  };
}
