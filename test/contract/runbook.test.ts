/** The commands of docs/operations.md that go to the app itself, as they stand there; of Azure's own they only want keys. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { useFunctionApp } from '../support/function-app.ts';
import { describeOn } from '../support/platform.ts';
import { ask, startDelay, untilEnded } from './api.ts';

const page = readFileSync('docs/operations.md', 'utf8');
const app = useFunctionApp({ auth: true });

describeOn('posix', 'they are for bash', 'the runbook', () => {
  const functions = page.match(/^(?:key|operator)\(\) .*$/gm)?.join('\n') ?? '';

  /** Runs it with `az` giving out the keys of the local host. */
  async function run(command: string, variables: Readonly<Record<string, string>> = {}): Promise<string> {
    const { master = '', functions: keys = {} } = app().host.keys ?? {};
    const names = Object.entries(keys).map(([name, key]) => `*"--function-name ${name} "*) echo '${key}' ;;`);
    const az = `az() { case "$* " in ${names.join(' ')} *masterKey*) echo '${master}' ;; *) return 1 ;; esac; }`;
    const { stdout } = await promisify(execFile)('bash', ['-euc', [az, functions, command].join('\n')], {
      env: { ...process.env, GROUP: 'rg', APP: 'func', APP_URL: app().url, ...variables },
    });
    return stdout;
  }
  const commandOf = (start: string) => {
    const [command] =
      page.match(new RegExp(`^${start}.*$`, 'm')) ?? page.match(new RegExp(`(?<=\`)${start}[^\`]*`)) ?? [];
    if (command === undefined) throw new Error(`docs/operations.md has no command ${start}`);
    return command;
  };

  test('lists, shows, retries, cancels and deletes jobs by ref', async () => {
    const key = app().host.keys?.functions['start-operation'] ?? '';
    const job = await startDelay(app(), { seconds: 0, outcome: 'reject' }, '', { 'x-functions-key': key });
    const REF = job.ref;
    await untilEnded(app(), job);

    const list = JSON.parse(await run(`operator list-jobs '?status=Failed&operation=delay'`));
    expect(list.value).toEqual([expect.objectContaining({ ref: REF, status: 'Failed' })]);
    expect(JSON.parse(await run(commandOf('operator show-job'), { REF }))).toMatchObject({ ref: REF });
    expect(JSON.parse(await run(commandOf('operator retry-job'), { REF }))).toMatchObject({ attempt: 2 });
    await untilEnded(app(), job);
    expect(JSON.parse(await run(commandOf('operator cancel-job'), { REF }))).toMatchObject({ status: 409 });
    await run(commandOf('operator delete-job'), { REF });
    expect((await ask(app(), 'GET', job.monitor)).status).toBe(404);
  });

  test('runs the sweep by hand', async () => {
    const [, commands = ''] = /```sh\n(MASTER=.*?)```/s.exec(page) ?? [];
    await run(commands);
    await app().logged(/^Executing 'Functions.sweep-jobs' .*programmatically called/);
  });
});
