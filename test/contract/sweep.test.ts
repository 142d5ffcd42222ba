/** The sweep as the app runs it: by its timer, here started by hand. */
import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { useFunctionApp } from '../support/function-app.ts';
import { startDelay, untilEnded } from './api.ts';

const app = useFunctionApp();

test('a job whose time is over is removed, and one that is not stays', async () => {
  const [over, kept] = await Promise.all([1, 2].map(() => startDelay(app(), { seconds: 0 })));
  if (over === undefined || kept === undefined) throw new Error('two jobs were started');
  await Promise.all([untilEnded(app(), over), untilEnded(app(), kept)]);
  const blob = app().jobs.getBlobClient(over.ref);
  const { metadata = {} } = await blob.getProperties();
  await blob.setMetadata({ ...metadata, retention: '0' });

  await app().runNow('sweep-jobs');
  await eventually(async () => !(await blob.exists()));
  expect(await app().jobs.getBlobClient(kept.ref).exists()).toBe(true);
  await app().logged(/^jobs swept /);
});
