/** Plots as SVG files that stand in a page: panels over the same time, one under the other, light or dark as the reader has it. */

export interface Line {
  readonly name: string;
  /** Time and value, in the order of time. */
  readonly points: readonly (readonly [atSeconds: number, value: number])[];
}

export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const WIDTH = 760;
const PANEL_HEIGHT = 130;
const HEAD = 40;
const LEFT = 56;
const RIGHT = 16;
const GAP = 44;
/** The colours of the csv-profile report. */
const STYLE = `svg{--page:#fff;--line:#dfe3e8;--text:#1c2530;--quiet:#5d6978;--a:#3572c6;--b:#d9541e}
@media(prefers-color-scheme:dark){svg{--page:#12161b;--line:#303945;--text:#e7ebf0;--quiet:#9ba8b7;--a:#6ba3ec;--b:#ff9a66}}
rect{fill:var(--page)}text{fill:var(--quiet);font:12px system-ui,sans-serif}.title{fill:var(--text);font-weight:600}
.axis{stroke:var(--line)}path{fill:none;stroke-width:1.6;stroke-linejoin:round}.a{stroke:var(--a)}.b{stroke:var(--b)}text.a{stroke:none;fill:var(--a)}text.b{stroke:none;fill:var(--b)}`;

/** @param title what a screen reader says of the whole */
export function plot(title: string, panels: readonly Panel[]): string {
  const seconds = Math.max(
    ...panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(([at]) => at))),
  );
  const height = HEAD + panels.length * (PANEL_HEIGHT + GAP);
  const body = panels.map((panel, index) => drawn(panel, HEAD + index * (PANEL_HEIGHT + GAP), seconds));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${height}" rx="8"/>`,
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

function drawn({ title, lines }: Panel, top: number, seconds: number): string {
  const highest = roundUp(Math.max(1, ...lines.flatMap(({ points }) => points.map(([, value]) => value))));
  const bottom = top + PANEL_HEIGHT;
  const width = WIDTH - LEFT - RIGHT;
  const x = (at: number) => round(LEFT + (at / seconds) * width);
  const y = (value: number) => round(bottom - (value / highest) * PANEL_HEIGHT);
  const rule = (value: number) =>
    `<line class="axis" x1="${LEFT}" y1="${y(value)}" x2="${WIDTH - RIGHT}" y2="${y(value)}"/><text x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end">${value.toLocaleString('en')}</text>`;
  const perTick = tickSeconds(seconds);
  const ticks = Array.from({ length: Math.floor(seconds / perTick) + 1 }, (_, i) => i * perTick);
  const keys = lines.length < 2 ? [] : lines.map(({ name }, i) => key(name, i, top));
  return [
    `<text class="title" x="${LEFT}" y="${top - 10}">${title}</text>`,
    ...keys,
    ...[0, highest / 2, highest].map(rule),
    ...ticks.map((at) => {
      const anchor = x(at) > WIDTH - RIGHT - 24 ? 'end' : 'middle';
      return `<text x="${x(at)}" y="${bottom + 16}" text-anchor="${anchor}">${at / 60} min</text>`;
    }),
    ...lines.map(({ points }, i) => {
      const path = points.map(([at, value], n) => `${n === 0 ? 'M' : 'L'}${x(at)} ${y(value)}`).join('');
      return `<path class="${classOf(i)}" d="${path}"/>`;
    }),
  ].join('\n');
}

const key = (name: string, i: number, top: number) =>
  `<text class="${classOf(i)}" x="${WIDTH - RIGHT - i * 190}" y="${top - 10}" text-anchor="end">${name}</text>`;
const classOf = (i: number) => (i === 0 ? 'a' : 'b');
const round = (length: number) => Math.round(length * 10) / 10;

/** To 1, 2, 4 or 10 times a power of ten, so that half of it is as round. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

/** Whole minutes, so that there are ten ticks or fewer. */
function tickSeconds(seconds: number): number {
  return [60, 120, 300, 600, 1200, 1800].find((each) => seconds / each <= 10) ?? 3600;
}
