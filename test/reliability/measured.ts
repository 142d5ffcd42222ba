/** How docs/reliability.md shows what `npm run reliability:kills` and `reliability:crashes` measured. */

interface Figures {
  readonly kills: number;
  /** Seconds from the kill until the next attempt began. */
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
}

export interface MeasuredKills {
  polled: Figures;
  swept: Figures & { readonly mostSweeps: number };
}

interface Beside {
  readonly jobs: number;
  readonly succeeded: number;
  readonly mostAttempts: number;
  readonly longestSeconds: number;
}

export interface MeasuredCrashes {
  readonly crashes: number;
  readonly hostEnds: number;
  readonly failedAfterSeconds: number;
  readonly long: Beside;
  readonly short: Beside;
}

/** A message that was taken is hidden for so long, whoever died: HOST-FACTS of the Functions host. */
const PLAIN_TRIGGER_SECONDS = 600;

export function killedHostTable({ polled, swept }: MeasuredKills): string {
  const row = (who: string, { kills, median, p99, longest }: Figures) =>
    `| ${who} | ${kills} | ${median} s | ${p99} s | ${longest} s |`;
  return `| | kills | median | 99th percentile | longest |
| --- | --- | --- | --- | --- |
${row('polled', polled)}
${row(`not polled: recovered by sweep ${swept.mostSweeps} at the latest`, swept)}
| a plain queue trigger | | | | up to ${PLAIN_TRIGGER_SECONDS} s: its message stays hidden for ten minutes |
`;
}

export function crashingJobTable(measured: MeasuredCrashes): string {
  const { hostEnds, failedAfterSeconds, long, short } = measured;
  const row = (what: string, { jobs, succeeded, mostAttempts, longestSeconds }: Beside) =>
    `| ${what} | ${jobs} | ${succeeded} | ${mostAttempts} | ${longestSeconds} s |`;
  return `The job ended \`Failed\` after ${failedAfterSeconds} s and ${measured.crashes} crashes, and the host ended ${hostEnds} ${hostEnds === 1 ? 'time' : 'times'}.

| beside it | jobs | succeeded | attempts of one, at most | from start to end, at most |
| --- | --- | --- | --- | --- |
${row('of 60 s, started with it', long)}
${row('of 1 s, one after the other while it lasted', short)}
`;
}
