/** What the report says of one column: its plot, its figures, its frequent values. */
import { MAX_EXACT_DISTINCT } from '../limits.ts';
import type { Bin } from '../measure/histogram.ts';
import type { ColumnProfile, ColumnSummary, DateSummary } from '../profile.ts';
import { dateFormat, formatNumber, formatShare, shorten } from './format.ts';
import { html, type Markup } from './html.ts';
import { frequencyPlot, histogramPlot } from './plot.ts';

const NAME_LENGTH = 80;
const VALUE_LENGTH = 120;

/** A column's name as the report shows it; a header may leave it out. */
export const shownName = (name: string): string => (name === '' ? '(no name)' : shorten(name, NAME_LENGTH));

/** @param id the card's anchor. */
export function columnCard(summary: ColumnSummary, id: string): Markup {
  const { column } = summary;
  const isOnScale = column.histogram !== undefined || summary.dates !== undefined;
  return html`<article class="card" id="${id}">
<header><h3><bdi>${shownName(column.name)}</bdi></h3><span class="type ${column.type}">${column.type}</span></header>
${plot(summary)}
<dl>${[...countFigures(column), ...scaleFigures(summary)].map(
    ([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`,
  )}</dl>
${isOnScale && column.distinct > 1 ? frequentValues(column) : undefined}${note(column)}
</article>`;
}

function plot({ column, dates }: ColumnSummary): Markup {
  if (dates !== undefined) {
    return histogramPlot(within(dates), dateFormat(dates.earliest, dates.latest), undefined);
  }
  if (column.histogram !== undefined) return histogramPlot(column.histogram, formatNumber, column.quantiles);
  return frequencyPlot(column.top, column.count);
}

/** Edges that are round as milliseconds are no round dates: the outer ones say where the dates begin and end. */
function within({ histogram, earliest, latest }: DateSummary): readonly Bin[] {
  return histogram.map(({ from, to, count }) => ({
    from: Math.max(from, earliest),
    to: Math.min(to, latest),
    count,
  }));
}

type Figure = readonly [term: string, text: string];

function countFigures(column: ColumnProfile): Figure[] {
  const { count, nulls, distinct, distinctIsExact } = column;
  const about = distinctIsExact ? '' : '\u2248 ';
  return [
    ['values', formatNumber(count)],
    ['nulls', nulls === 0 ? '0' : `${formatNumber(nulls)} (${formatShare(nulls, count + nulls)})`],
    ['distinct', distinct === count && count > 1 ? 'all different' : `${about}${formatNumber(distinct)}`],
  ];
}

function scaleFigures({ column, dates }: ColumnSummary): Figure[] {
  if (dates !== undefined) {
    const format = dateFormat(dates.earliest, dates.latest);
    return [
      ['earliest', format(dates.earliest)],
      ['latest', format(dates.latest)],
    ];
  }
  const { min, max, mean, stddev, quantiles } = column;
  if (min === undefined || max === undefined || mean === undefined || quantiles === undefined) return [];
  return [
    ['smallest', formatNumber(min)],
    ['median', formatNumber(quantiles.p50)],
    ['largest', formatNumber(max)],
    ['mean', formatNumber(mean)],
    ['std. dev.', stddev === null || stddev === undefined ? '\u2013' : formatNumber(stddev)],
    ['middle half', `${formatNumber(quantiles.p25)} to ${formatNumber(quantiles.p75)}`],
  ];
}

function frequentValues({ top, count: total }: ColumnProfile): Markup {
  return html`<details><summary>Most frequent values</summary><table>${top.map(
    ({ value, count }) =>
      html`<tr><td><bdi>${shorten(value, VALUE_LENGTH)}</bdi></td><td>${formatNumber(count)}</td><td>${formatShare(count, total)}</td></tr>`,
  )}</table></details>`;
}

function note({ distinctIsExact }: ColumnProfile): Markup | undefined {
  if (distinctIsExact) return undefined;
  return html`<p class="note">More than ${formatNumber(MAX_EXACT_DISTINCT)} distinct values: their number, the median, the middle half and the counts of frequent values are estimates.</p>`;
}
