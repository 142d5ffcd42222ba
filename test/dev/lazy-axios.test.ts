/** An operation that imports axios gets axios, though the bundle has something else stand for it. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildApp } from '../../dev/build.ts';

const axiosFile = join(process.cwd(), 'node_modules/axios/dist/node/axios.cjs');
const axios = createRequire(import.meta.filename)(axiosFile) as {
  create(): object;
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lazy-axios-'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
});
afterAll(() => rm(folder, { recursive: true }));

/** What a bundled module prints. */
async function printed(source: string): Promise<unknown> {
  const entryFile = join(folder, 'entry.ts');
  await writeFile(entryFile, source);
  const outFile = buildApp({ entryFile, outFile: join(folder, 'out.cjs') });
  const { stdout, stderr } = spawnSync(process.execPath, [outFile], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('its default import asks, makes instances and has defaults; its named ones are its own', async () => {
  expect(
    await printed(`
      import axios, { AxiosError, isAxiosError } from 'axios';
      import { createServer } from 'node:http';
      const server = createServer((request, response) => response.writeHead(request.url === '/ok' ? 200 : 418).end('tea'));
      server.listen(0, '127.0.0.1', async () => {
        const url = 'http://127.0.0.1:' + server.address().port;
        const instance = axios.create({ baseURL: url });
        instance.defaults.headers.common['x-mine'] = 'yes';
        axios.defaults.timeout = 1000;
        const error = await instance.get('/teapot').catch((error) => error);
        console.log(JSON.stringify({
          ok: (await axios.get(url + '/ok')).data,
          called: (await axios(url + '/ok')).status,
          status: error.response.status,
          known: [isAxiosError(error), axios.isAxiosError(error), error instanceof AxiosError, error instanceof axios.AxiosError],
          sent: error.config.headers['x-mine'],
          timeout: axios.defaults.timeout,
        }));
        server.close();
      });
    `),
  ).toEqual({
    ok: 'tea',
    called: 200,
    status: 418,
    known: [true, true, true, true],
    sent: 'yes',
    timeout: 1000,
  });
});

test('none of its names is missing', async () => {
  const ofInstances = Object.getOwnPropertyNames(axios.create());
  const own = Object.getOwnPropertyNames(axios).filter((name) => !ofInstances.includes(name));
  const names = await printed(`import * as all from 'axios'; console.log(JSON.stringify(Object.keys(all)));`);
  expect(names).toEqual(expect.arrayContaining(own));
});

test('it is not loaded by being imported', async () => {
  expect(
    await printed(`
      import axios from 'axios';
      const before = process.moduleLoadList.includes('NativeModule https');
      axios.create({ baseURL: 'http://localhost' });
      console.log(JSON.stringify([before, process.moduleLoadList.includes('NativeModule https')]));
    `),
  ).toEqual([false, false]);
});
