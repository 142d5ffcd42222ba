/** The look of the report: one column of cards on a phone, several on a desk, light or dark as the reader has it. */
export const style = `
:root { color-scheme: light dark; --page: #f5f6f8; --card: #fff; --line: #dfe3e8; --text: #1c2530; --quiet: #5d6978;
  --bar: #3572c6; --soft: #cfdff5; --middle: #a9bcd6; --median: #d9541e; --chip: #eef1f5;
  --integer: #1f5fb0; --number: #0b7a75; --boolean: #8a4b08; --date: #7a3aa8; --string: #4a5563; }
@media (prefers-color-scheme: dark) {
  :root { --page: #12161b; --card: #1b2128; --line: #303945; --text: #e7ebf0; --quiet: #9ba8b7;
    --bar: #6ba3ec; --soft: #2a4669; --middle: #47617f; --median: #ff9a66; --chip: #28303a;
    --integer: #86b8f7; --number: #5fd0c6; --boolean: #f0b26b; --date: #d0a2f2; --string: #b8c2ce; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: clamp(0.75rem, 3vw, 2rem); max-width: 84rem; background: var(--page); color: var(--text);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; letter-spacing: -0.01em; }
h2 { margin: 1.75rem 0 0.6rem; font-size: 1.05rem; }
h3 { margin: 0; min-width: 0; font-size: 1rem; overflow-wrap: anywhere; }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: 0.2em; }
.card, .tiles > div, .overview { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 0.6rem; margin: 0; }
.tiles > div { padding: 0.6rem 0.8rem; }
.tiles dd { font-size: 1.25rem; font-weight: 600; }
dt { color: var(--quiet); font-size: 0.78rem; }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.overview { padding: 0.2rem 0.8rem; }
table { width: 100%; border-collapse: collapse; }
td, th { padding: 0.35rem 0.25rem; text-align: right; font-variant-numeric: tabular-nums; vertical-align: baseline; }
td:first-child, th:first-child { text-align: left; overflow-wrap: anywhere; }
th { color: var(--quiet); font-size: 0.78rem; font-weight: 400; }
tr + tr td { border-top: 1px solid var(--line); }
.overview .type { white-space: nowrap; }
.filled { width: 22%; white-space: nowrap; }
.filled i { display: block; height: 4px; margin-top: 3px; border-radius: 2px; background: var(--chip); overflow: hidden; }
.filled b { display: block; height: 100%; background: var(--bar); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 0.9rem; align-items: start; }
.card { padding: 0.9rem; min-width: 0; scroll-margin-top: 0.5rem; }
.card:target { border-color: var(--bar); box-shadow: 0 0 0 1px var(--bar); }
.card header { display: flex; justify-content: space-between; align-items: baseline; gap: 0.6rem; margin-bottom: 0.7rem; }
.type { flex: none; padding: 0.05rem 0.5rem; border-radius: 1rem; background: var(--chip); font-size: 0.75rem; }
.integer { color: var(--integer); } .number { color: var(--number); } .boolean { color: var(--boolean); }
.date { color: var(--date); } .string { color: var(--string); }
.card dl { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.5rem 0.75rem; margin: 0.75rem 0 0; }
.plot { display: block; width: 100%; height: auto; font-size: 12.5px; }
.bar { fill: var(--bar); } .bar.soft { fill: var(--soft); } .bar:hover { opacity: 0.75; }
.axis { stroke: var(--line); } .middle { fill: var(--middle); } .median { fill: var(--median); }
.none { fill: none; stroke: var(--line); stroke-dasharray: 4 3; }
.tick { fill: var(--quiet); } .label { fill: var(--text); unicode-bidi: plaintext; white-space: pre; }
details { margin-top: 0.7rem; } summary { cursor: pointer; color: var(--quiet); font-size: 0.85rem; }
details td { font-size: 0.85rem; }
.note, footer { margin: 0.7rem 0 0; color: var(--quiet); font-size: 0.8rem; }
footer { margin-top: 1.5rem; }
@media print { body { background: none; } .card, .overview { break-inside: avoid; } }
`;
