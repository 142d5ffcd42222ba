/** What is late is loaded when it is used; whoever imports it gets it, though the bundle has something else stand for it. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildApp, LATE_PACKAGES } from '../../dev/build.ts';

const packageOf = createRequire(join(process.cwd(), 'package.json'));
const packages = Object.values(LATE_PACKAGES);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'late-packages-'));
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

test('axios by its default import asks, makes instances and has defaults; its named ones are its own', async () => {
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

test('those that are functions are called, and have what else is theirs', async () => {
  expect(
    await printed(`
      import cloneDeep from 'lodash/cloneDeep';
      import moment from 'moment';
      import { isURL } from 'validator';
      const given = { a: [1] };
      const copy = cloneDeep(given);
      console.log(JSON.stringify({
        copy,
        isCopy: copy.a !== given.a,
        seconds: moment.duration(moment(3000).diff(moment(1000))).asSeconds(),
        urls: ['https://example.org/x', 'nothing'].map((text) => isURL(text)),
      }));
    `),
  ).toEqual({ copy: { a: [1] }, isCopy: true, seconds: 2, urls: [true, false] });
});

test.each(packages)('none of the names of %s is missing', async (name) => {
  const names = await printed(
    `import * as all from '${name}'; console.log(JSON.stringify(Object.keys(all)));`,
  );
  expect(names).toEqual(expect.arrayContaining(Object.keys(packageOf(name))));
});

test('none is loaded by being required, nor by an instance of axios', async () => {
  const required = packages.filter((name) => name !== LATE_PACKAGES.identity);
  expect(
    await printed(`
      const late = () => Object.keys(require.cache).filter((file) => /[\\\\/]late[\\\\/]/.test(file)).length;
      const [{ default: axios }] = [${required.map((name) => `require('${name}')`)}];
      const instance = axios.create({ baseURL: 'http://localhost' });
      const credentials = () => import('${LATE_PACKAGES.identity}');
      const before = late();
      instance.defaults;
      credentials().then(() => console.log(JSON.stringify([before, late()])));
    `),
  ).toEqual([0, 2]);
});
