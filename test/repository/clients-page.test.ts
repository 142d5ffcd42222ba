/** docs/clients.md shows programs that tests run: each block is its file, whole, and no file is missing. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import facade from '../../infra/logic-apps/asynchronous-facade/workflow.json' with { type: 'json' };

const page = readFileSync('docs/clients.md', 'utf8');
const blocks = [...page.matchAll(/^\[(\S+)\]\(\.\.\/(\S+)\)\n\n```\w+\n(.*?)```$/gms)];

test.each(blocks.map(([, , file = '', code = '']) => [file, code]))('shows %s as it is', (file, code) => {
  expect(code).toBe(readFileSync(file, 'utf8'));
});

test('shows every client there is, and no code besides', () => {
  const clients = globSync('samples/clients/**/*.{sh,py,cs,js,ts}')
    .map((file) => file.replaceAll('\\', '/'))
    .toSorted();
  expect(blocks.map(([, , file]) => file).toSorted()).toEqual(clients);
  expect(page.match(/^```(?!json$)\w+$/gm)).toHaveLength(blocks.length);
  for (const [, title, file] of blocks) expect(title).toBe(file);
});

test('shows the action of Logic Apps that the tests of infra/logic-apps run', () => {
  const [, json = ''] = /^```json\n(.*?)```$/ms.exec(page) ?? [];
  expect(JSON.parse(json)).toEqual(facade.actions.Run_job);
});
