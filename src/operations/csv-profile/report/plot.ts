/** The plot of a column, as inline SVG: a histogram where values lie on a scale, bars of frequent values elsewhere. */
import type { Bin } from '../measure/histogram.ts';
import type { TopValue } from '../measure/top-values.ts';
import { formatNumber, formatShare, shorten } from './format.ts';
import { html, type Markup } from './html.ts';

const WIDTH = 290;
const PLOT_HEIGHT = 96;
const AXIS_HEIGHT = 26;
const ROW_HEIGHT = 22;
const LABEL_LENGTH = 26;

/** The middle half of the values, and their median: drawn under the histogram, on its scale. */
export interface Middle {
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
}

/** @param format writes a place on the scale. */
export function histogramPlot(
  bins: readonly Bin[],
  format: (value: number) => string,
  middle: Middle | undefined,
): Markup {
  const first = bins[0];
  const last = bins.at(-1);
  if (first === undefined || last === undefined) return emptyPlot();
  const highest = Math.max(...bins.map(({ count }) => count));
  const barWidth = WIDTH / bins.length;
  const bars = bins.map(({ from, to, count }, i) => {
    // A bin with a single value among millions is still seen.
    const height = count === 0 ? 0 : Math.max(1.5, (count / highest) * (PLOT_HEIGHT - 6));
    const label = from === to ? format(from) : `${format(from)} to ${format(to)}`;
    return html`<rect class="bar" x="${round(i * barWidth + 0.75)}" y="${round(PLOT_HEIGHT - height)}" width="${round(barWidth - 1.5)}" height="${round(height)}" rx="1.5"><title>${label}: ${formatNumber(count)}</title></rect>`;
  });
  // Halves, since the whole range may be more than a double holds.
  const halfRange = last.to / 2 - first.from / 2;
  const at = (value: number) =>
    halfRange === 0 ? WIDTH / 2 : ((value / 2 - first.from / 2) / halfRange) * WIDTH;
  const summary = `Histogram from ${format(first.from)} to ${format(last.to)}`;
  return html`<svg class="plot" viewBox="0 0 ${WIDTH} ${PLOT_HEIGHT + AXIS_HEIGHT}" role="img" aria-label="${summary}">
${bars}
<line class="axis" x1="0" y1="${PLOT_HEIGHT + 0.5}" x2="${WIDTH}" y2="${PLOT_HEIGHT + 0.5}"/>
${middle && middleMark(at(middle.p25), at(middle.p50), at(middle.p75))}
<text class="tick" x="0" y="${PLOT_HEIGHT + 22}">${format(first.from)}</text>
<text class="tick" x="${WIDTH}" y="${PLOT_HEIGHT + 22}" text-anchor="end">${first.from === last.to ? '' : format(last.to)}</text>
</svg>`;
}

/** Bars of the most frequent values, each as long as its share of all values. */
export function frequencyPlot(top: readonly TopValue[], total: number): Markup {
  const most = top[0];
  if (most === undefined) return emptyPlot();
  const rows = top.map(({ value, count }, i) => {
    const y = i * ROW_HEIGHT;
    const label = shorten(value, LABEL_LENGTH);
    return html`<g><title>${shorten(value, 200)}: ${formatNumber(count)} (${formatShare(count, total)})</title>
<rect class="bar soft" x="0" y="${y + 1}" width="${round(Math.max(2, (count / most.count) * WIDTH))}" height="${ROW_HEIGHT - 3}" rx="3"/>
<text class="label" x="7" y="${y + 15}">${label}</text><text class="tick" x="${WIDTH - 5}" y="${y + 15}" text-anchor="end">${formatNumber(count)}</text></g>`;
  });
  return html`<svg class="plot" viewBox="0 0 ${WIDTH} ${top.length * ROW_HEIGHT}" role="img" aria-label="Most frequent values">
${rows}
</svg>`;
}

function emptyPlot(): Markup {
  return html`<svg class="plot" viewBox="0 0 ${WIDTH} 40" role="img" aria-label="No values"><rect class="none" x="0.5" y="0.5" width="${WIDTH - 1}" height="39" rx="4"/><text class="tick" x="${WIDTH / 2}" y="24" text-anchor="middle">no values</text></svg>`;
}

function middleMark(left: number, median: number, right: number): Markup {
  const width = Math.max(1, right - left);
  return html`<rect class="middle" x="${round(left)}" y="${PLOT_HEIGHT + 4}" width="${round(width)}" height="5" rx="2.5"><title>the middle half of the values</title></rect><rect class="median" x="${round(median - 1.25)}" y="${PLOT_HEIGHT + 2.5}" width="2.5" height="8" rx="1"><title>the median</title></rect>`;
}

const round = (length: number) => Math.round(length * 100) / 100;
