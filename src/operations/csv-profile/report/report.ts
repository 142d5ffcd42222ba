/** The profile as one HTML page that needs nothing else: no script, no font, no image from anywhere. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ColumnSummary } from '../profile.ts';
import type { ProfileSummary } from '../profile-csv.ts';
import { columnCard, shownName } from './column-card.ts';
import { formatBytes, formatNumber, formatShare } from './format.ts';
import { asMarkup, html, type Markup, textOfMarkup } from './html.ts';
import { style } from './style.ts';

const CARDS_PER_TURN = 50;
/** The page may load nothing and run nothing, whatever a value of the file might try. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Gives other work the event loop every few cards. */
export async function renderReport(summary: ProfileSummary): Promise<string> {
  const cards: Markup[] = [];
  for (const [index, column] of summary.columns.entries()) {
    cards.push(columnCard(column, anchor(index)));
    if (index % CARDS_PER_TURN === 0) await nextTurn();
  }
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>CSV profile</title>
<style>${asMarkup(style)}</style>
<body>
<main>
<h1>CSV profile</h1>
${tiles(summary)}
<h2>Columns at a glance</h2>
<div class="overview"><table>
<tr><th>column</th><th class="filled">filled</th><th>distinct</th></tr>
${summary.columns.map((column, index) => overviewRow(column, summary.rows, index))}
</table></div>
<h2>Column by column</h2>
<section class="cards">
${cards}
</section>
</main>
<footer>Dates without a time zone are read as UTC. Under a histogram the band is the middle half of the values, the mark their median.</footer>
</body>
</html>
`;
  return textOfMarkup(page);
}

const anchor = (index: number) => `column-${index + 1}`;

function tiles({ rows, bytes, ragged, columns }: ProfileSummary): Markup {
  const nulls = columns.reduce((sum, { column }) => sum + column.nulls, 0);
  const figures = [
    ['rows', formatNumber(rows)],
    ['columns', formatNumber(columns.length)],
    ['size', formatBytes(bytes)],
    ['null fields', formatShare(nulls, rows * columns.length)],
    ['ragged rows', formatNumber(ragged)],
  ];
  return html`<dl class="tiles">${figures.map(
    ([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`,
  )}</dl>`;
}

function overviewRow({ column }: ColumnSummary, rows: number, index: number): Markup {
  const { name, type, count, distinct, distinctIsExact } = column;
  const width = rows === 0 ? 0 : (100 * count) / rows;
  return html`<tr><td><a href="#${anchor(index)}"><bdi>${shownName(name)}</bdi></a> <span class="type ${type}">${type}</span></td><td class="filled">${formatShare(count, rows)}<i><b style="width:${width.toFixed(1)}%"></b></i></td><td>${distinctIsExact ? '' : '\u2248 '}${formatNumber(distinct)}</td></tr>
`;
}
