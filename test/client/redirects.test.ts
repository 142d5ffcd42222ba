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

  test('gets the reply with the start, by one call', async () => {
    const start = ['-H', `x-functions-key: ${app().key}`, '--json', '{"seconds":0.1}', oneCall()];
    const { stdout } = await runProgram([curl, '-sSL', ...start]);
    expect(JSON.parse(stdout)).toMatchObject({ seconds: 0.1, attempt: 1 });
  });
});

/** A `POST` that is held until the job has ended, and redirected to the reply by 303: one call in all. */
const oneCall = () => `${app().url}/api/operations/delay?wait=20`;

const URLLIB = `
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"Authorization": "Bearer a-token", "x-functions-key": "a-key"})
print(urllib.request.urlopen(request).read().decode())
`;
const URLLIB_ONE_CALL = `
import sys, urllib.request
headers = {"Content-Type": "application/json", "x-functions-key": sys.argv[2]}
print(urllib.request.urlopen(urllib.request.Request(sys.argv[1], b'{"seconds":0.1}', headers)).read().decode())
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

  test('gets the reply with the start, by one call', async () => {
    const { stdout } = await runProgram([python, '-c', URLLIB_ONE_CALL, oneCall(), app().key]);
    expect(JSON.parse(stdout)).toMatchObject({ seconds: 0.1, attempt: 1 });
  });
});

const REQUESTS = `
import sys, requests
session = requests.Session()
session.headers.update({"Authorization": "Bearer a-token", "x-functions-key": "a-key"})
print(session.get(sys.argv[1]).text)
`;
const REQUESTS_ONE_CALL = `
import sys, requests
print(requests.post(sys.argv[1], json={"seconds": 0.1}, headers={"x-functions-key": sys.argv[2]}).text)
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

    test('gets the reply with the start, by one call', async () => {
      const { stdout } = await runProgram([python, '-c', REQUESTS_ONE_CALL, oneCall(), app().key]);
      expect(JSON.parse(stdout)).toMatchObject({ seconds: 0.1, attempt: 1 });
    });
  },
  (python) => spawnSync(python, ['-c', 'import requests']).status === 0,
);
