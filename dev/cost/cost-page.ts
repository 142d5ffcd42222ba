/** The generated parts of docs/cost.md, by name. */
import { countsTable, designsTable, keptDollars, pollingTable, pricesTable } from './cost-tables.ts';

export const PAGE = 'docs/cost.md';

export function costParts(): Readonly<Record<string, string>> {
  return {
    designs: designsTable(),
    polling: pollingTable(),
    kept: keptDollars(),
    counts: countsTable(),
    prices: pricesTable(),
  };
}
