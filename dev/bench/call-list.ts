/** Storage calls as a figure has them: their number, without the looks into queues, and which they are. */

/** How many calls, by operation. */
export type Calls = Readonly<Record<string, number>>;

export interface Cost {
  readonly sum: number;
  readonly calls: Calls;
}

/** What a proxy has counted, for each of so many jobs. A look brings up to 16 messages, and none most of the time. */
export function costOf(tally: Calls, jobs = 1): Cost {
  const calls = Object.entries(tally)
    .filter(([call]) => call !== 'Get Messages')
    .map(([call, count]) => [call, count / jobs] as const);
  // Summed up before it is divided: a third three times is not one.
  const sum = calls.reduce((total, [call]) => total + (tally[call] ?? 0), 0) / jobs;
  return { sum, calls: Object.fromEntries(calls) };
}

/** `2 Put Blob, Get Blob.` */
export function callList(calls: Calls): string {
  const list = Object.entries(calls).map(([call, count]) =>
    count === 1 ? call : `${Number(count.toPrecision(2))} ${call}`,
  );
  return `${list.join(', ')}.`;
}
