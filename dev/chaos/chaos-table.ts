/** What a run came to, as the table that stands in docs/reliability.md. */
import type { ChaosReport } from './chaos.ts';
import { FINDINGS } from './finding.ts';

export function chaosTable(report: ChaosReport): string {
  const { size, findings, states, executions } = report;
  const found = FINDINGS.map((what) => [what, findings.filter((one) => one.what === what).length] as const);
  const byName = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
  const several = executions.filter((count) => count > 1).length;
  const mean = executions.reduce((sum, count) => sum + count, 0) / Math.max(1, executions.length);
  const rows: (readonly [string, string | number])[] = [
    ['seed', size.seed],
    ['asked for', `${size.jobs} jobs, ${size.kills} kills, ${size.pauses} pauses, ${size.faults} faults`],
    ['jobs accepted', report.accepted],
    ['at the end, starts that were not heard included', `${byName(states)}, ${report.gone} deleted`],
    ['kills, pauses and faults that happened', byName(report.mishaps)],
    ['calls to storage, and those a fault met', `${report.storageCalls}, ${report.faultyCalls}`],
    [
      'executions of a job',
      `mean ${mean.toFixed(2)}, more than one ${several}, most ${executions.reduce((most, count) => Math.max(most, count), 0)}`,
    ],
    [
      'seconds in all, and from the last client until no job was pending',
      `${report.runSeconds}, ${report.settledInSeconds}`,
    ],
    ...found,
  ];
  return ['| | |', '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${value} |`), ''].join('\n');
}
