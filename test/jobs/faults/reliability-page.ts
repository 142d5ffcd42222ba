/** Makes docs/reliability.md of what the faults did, so that nobody types what a machine has seen. */
import { type Fault, faults, type Point } from './fault.ts';
import type { Played } from './play-scenario.ts';
import type { Scenario } from './scenario.ts';

export interface PlayedScenario {
  readonly scenario: Scenario;
  readonly withoutFault: Played;
  readonly rows: readonly { readonly point: Point; readonly played: Readonly<Record<Fault, Played>> }[];
}

const introduction = `# Reliability

What can fail between two calls to storage, and what becomes of the job then. \`npm run reliability\` writes this page from a test
that makes every fault at every call (\`test/jobs/faults/\`); \`npm test\` fails where the page no longer says what happens.

In plain words: an instance may die at any moment, storage may not answer, an answer may be lost on its way, and a call may
arrive twice. A job is one blob, so at no moment is there a reply without its state, or a state without its reply. The message of a job
stays in the queue until its job has ended or the next message is there, so somebody always comes back to it: at once, 30 s
after a failed delivery, or when the lease of a dead attempt has run out. Work may be done twice; it is published once.

After each fault the test plays the queue on as the Functions host would (a failed delivery returns after 30 s, the fifth goes
to poison), looks at the job after every call as a polling client would, and checks that

- reply and state are seen together, and a reply is that of one attempt, complete;
- nothing is written after the end, attempts never fall and stay within the limit;
- a delivery of an unfinished job returns only when another message is there, and the messages come to an end;
- what the caller heard agrees with what became of the job.

The faults, at one call of one instance: it **dies before** the call is sent; it **dies after** storage has done it; the **answer
is lost** though storage has done it; the call is **sent twice**, since the SDK repeats one whose answer was lost, and the second
answer is what the app sees; storage does **not do** it and says so.

A cell says what the caller heard, and what became of the job. A client hears a status, or \`nothing\` from an instance that has died; the
Functions host sees a delivery return, fail, or die with its worker. \`Succeeded 2\` is the reply of attempt 2, \`Failed 422\` a failure with
that status, \`no job\` that nothing is left. **poll** marks a pending job that is left without a message, because an instance died
between blob and message while no delivery was under way: the next poll after 30 s has recovered it (the test polls once), or else the
sweep does, within two minutes. A start under an \`Idempotency-Key\` that fails leaves its job as well, since another start under the key may
have been told of it; the next start under the key completes it, and else a poll or the sweep.

Not in the tables: \`discard blocks\` is two calls, and a death between them leaves an empty blob that is no job. The same faults under
contention (two deliveries at once, a cancel during publish, a worker that was paused) are in \`test/jobs/contention.test.ts\`.
`;

export function reliabilityPage(scenarios: readonly PlayedScenario[]): string {
  const sections = scenarios.map(({ scenario, withoutFault, rows }) => {
    const table = [
      ['step', 'storage call', ...faults],
      ['step', 'storage call', ...faults].map(() => '---'),
      ...rows.map(({ point, played }) => [
        point.occurrence === 0 ? point.step : `${point.step} (${point.occurrence + 1})`,
        point.storageCall,
        ...faults.map((fault) => cell(played[fault])),
      ]),
    ];
    return [
      `## ${scenario.title}`,
      '',
      `${scenario.story} Without a fault: ${cell(withoutFault)}.`,
      '',
      ...table.map((cells) => `| ${cells.join(' | ')} |`),
      '',
    ].join('\n');
  });
  return [introduction, ...sections].join('\n');
}

function cell({ heard, end }: Played): string {
  return `${heard}; ${end}`;
}
