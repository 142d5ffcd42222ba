/**
 * Started by streaming.test.ts in a process of its own, to see what memory it takes: profiles argv[2] MB of a CSV in
 * which no value comes twice, and prints its resident memory at a third of the way and the largest after that.
 */
import { Readable } from 'node:stream';
import { run } from './run-csv-profile.ts';

const MB = 1_000_000;
const sizeBytes = Number(process.argv[2]) * MB;

function* rows(): Generator<Buffer> {
  yield Buffer.from('id,text,ratio,date\n');
  for (let written = 0, id = 0; written < sizeBytes; ) {
    let text = '';
    while (text.length < 65_536) {
      id++;
      const date = new Date(id * 60_000).toISOString();
      text += `${id},${`${id}-`.repeat(40)},${id / 7},${date}\n`;
    }
    written += text.length;
    yield Buffer.from(text);
  }
}

let early = 0;
let largest = 0;
const reply = await run(Readable.from(rows()), {
  sizeBytes,
  progress: (percent) => {
    const { rss } = process.memoryUsage();
    if (percent < 33) early = Math.max(early, rss);
    else largest = Math.max(largest, rss);
  },
});
const { rows: rowCount } = (reply as { json: { rows: number } }).json;
console.log(JSON.stringify({ rows: rowCount, earlyMB: early / MB, largestMB: largest / MB }));
