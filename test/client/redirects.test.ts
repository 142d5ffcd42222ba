/** Clients that follow redirects by themselves and have a key or a token with them, as people write them in a hurry. */
import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from '@jest/globals';
import { type StartedJob, startDelay, untilEnded } from '../contract/api.ts';
import { describeWithTool } from '../support/tool.ts';
import { runProgram } from './run-program.ts';
import { useWatchedApp } from './watched-app.ts';

const app = useWatchedApp();
let job: StartedJob;
let streamed: StartedJob;

beforeAll(async () => {
  job = await startDelay(app(), { seconds: 0 });
  streamed = await startDelay(app(), { seconds: 0 }, '?reply=stream');
  await Promise.all([untilEnded(app(), job), untilEnded(app(), streamed)]);
});

/** What storage saw of the last reply that was fetched. */
const lastAtStorage = () => app().callersAtStorage().at(-1)?.headers;

describeWithTool('curl', 'curl -L', (curl) => {
  test('with a key header gets the reply; storage sees the key and does not mind', async () => {
    const { stdout } = await runProgram([curl, '-sSL', '-H', `x-functions-key: ${app().key}`, job.location]);
    expect(JSON.parse(stdout)).toMatchObject({ ref: job.ref });
    expect(lastAtStorage()?.['x-functions-key']).toBe(app().key);
  });

  test('with a bearer token gets the reply, since curl keeps the token to the first host', async () => {
    const { stdout } = await runProgram([curl, '-sSL', '--oauth2-bearer', 'a-token', job.location]);
    expect(JSON.parse(stdout)).toMatchObject({ ref: job.ref });
    expect(lastAtStorage()?.authorization).toBeUndefined();
  });
});

const URLLIB = `
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"Authorization": "Bearer a-token", "x-functions-key": "a-key"})
print(urllib.request.urlopen(request).read().decode())
`;

describeWithTool('python3', "Python's urllib", (python) => {
  const get = (url: string) => runProgram([python, '-c', URLLIB, url]);

  test('sends a token on to storage, where it does not belong: ?reply=stream keeps it with the app', async () => {
    await get(job.location);
    expect(lastAtStorage()?.authorization).toBe('Bearer a-token');
    const before = app().callersAtStorage().length;
    const { stdout } = await get(streamed.location);
    expect(JSON.parse(stdout)).toMatchObject({ ref: streamed.ref });
    expect(app().callersAtStorage()).toHaveLength(before);
  });
});

const REQUESTS = `
import sys, requests
session = requests.Session()
session.headers.update({"Authorization": "Bearer a-token", "x-functions-key": "a-key"})
print(session.get(sys.argv[1]).text)
`;

describeWithTool(
  'python3',
  'a session of requests',
  (python) => {
    test.each(['redirect', 'stream'])('gets the reply of ?reply=%s with its token and key', async (reply) => {
      const { location, ref } = reply === 'stream' ? streamed : job;
      const { stdout } = await runProgram([python, '-c', REQUESTS, location]);
      expect(JSON.parse(stdout)).toMatchObject({ ref });
      if (reply === 'redirect') expect(lastAtStorage()?.authorization).toBeUndefined();
    });
  },
  (python) => spawnSync(python, ['-c', 'import requests']).status === 0,
);
