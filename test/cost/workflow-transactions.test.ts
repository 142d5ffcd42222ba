/**
 * What a workflow's job costs in storage transactions of the app, counted by a proxy. The engine's own are not among them:
 * here its histories are files.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import { JSON_TYPE, post, type StartedJob, startedBy } from '../contract/api.ts';
import { startRenditions } from '../contract/renditions.ts';
import { quartered } from '../operations/image-renditions/support/images.ts';
import { type FunctionApp, startAppBehindProxy } from '../support/function-app.ts';

let proxy: StorageProxy;
let app: FunctionApp;

beforeAll(async () => {
  ({ app, proxy } = await startAppBehindProxy());
  // What is made once is made by then.
  await ended(await startDelay(1));
});
afterAll(() => app?.stop());

const startDelay = async (steps: number) =>
  startedBy(await post(app, 'delay-workflow', JSON.stringify({ seconds: 0, steps }), JSON_TYPE));
/** Nothing asks for the job meanwhile: a poll is a transaction too. */
const ended = ({ ref }: StartedJob) => app.logged(new RegExp(`Instance ${ref} .*Completed`));

function counted(): Record<string, number> {
  const { 'Get Messages': _, ...calls } = proxy.tally();
  return calls;
}
const sum = (calls: Record<string, number>) => Object.values(calls).reduce((all, count) => all + count, 0);

/** The request, the hand-over and the reply, with three activities that look at the job: read, wait, reply. */
const SHORT_WORKFLOW = {
  'Put Blob': 2,
  'Put Message': 1,
  'Get Blob': 2,
  'Set Blob Metadata': 1,
  'Delete Message': 1,
  'Get Blob Properties': 3,
};

test('a workflow of one step costs ten, its request read by an activity', async () => {
  proxy.reset();
  await ended(await startDelay(1));
  expect(counted()).toEqual(SHORT_WORKFLOW);
});

test('every activity more costs one: it looks whether the job is still there', async () => {
  proxy.reset();
  await ended(await startDelay(5));
  expect(counted()).toEqual({ ...SHORT_WORKFLOW, 'Get Blob Properties': 7 });
});

test.each([
  ['png', 2],
  ['png,webp,jpeg', 6],
])('image-renditions costs ten and six for each rendition: %s', async (formats, renditions) => {
  const image = await quartered().png().toBuffer();
  proxy.reset();
  await ended(await startRenditions(app, image, `widths=16,32&formats=${formats}`, 'image/png'));
  expect(sum(counted())).toBe(10 + 6 * renditions);
});
