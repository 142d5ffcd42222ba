/**
 * Many photos of 12 megapixels at once: the worker's memory is bounded, and every zip and every rendition in it is whole,
 * as other programs read them. RENDITION_JOBS says how many (`npm run renditions:load`: 100); here a few.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { identify, isImageMagick } from '../operations/image-renditions/support/identify.ts';
import { eventually } from '../support/eventually.ts';
import { useFunctionApp } from '../support/function-app.ts';
import { mostResidentMiB } from '../support/resident-memory.ts';
import { describeWithTool } from '../support/tool.ts';
import { ask, documentOf, type StartedJob } from './api.ts';
import { madePhoto, readRenditions, startRenditions } from './renditions.ts';

const JOBS = Number(process.env.RENDITION_JOBS ?? 5);
const QUERY = 'widths=320,1280&formats=webp,jpeg';
const RENDITIONS = 4;
/** The app itself holds some 150; the rest is for as many images as there are cores, three at most. */
const MOST_MIB = 500;
/** On one core, under everything else that a test run does. */
const LONGEST_MS = 60_000 + JOBS * 20_000;

const app = useFunctionApp();

describeWithTool(
  'convert',
  `image-renditions: ${JOBS} photos of 12 megapixels at once`,
  (convert) => {
    test(
      'memory is bounded, and every zip and every rendition is whole',
      async () => {
        const photo = await madePhoto(4000, 3000);
        const { mib, result: jobs } = await mostResidentMiB(app().host.workerPid, runAll(photo));
        if (process.env.RENDITION_JOBS !== undefined) {
          console.log(`${JOBS} jobs of ${photo.length} bytes: at most ${mib.toFixed(0)} MiB resident`);
        }
        for (const job of jobs) await expectWhole(convert, job);
        expect(mib).toBeLessThan(MOST_MIB);
      },
      LONGEST_MS * 2,
    );
  },
  isImageMagick,
);

async function runAll(photo: Buffer): Promise<StartedJob[]> {
  const jobs = await Promise.all(Array.from({ length: JOBS }, () => startRenditions(app(), photo, QUERY)));
  for (const job of jobs) {
    await eventually(
      async () => {
        const { status } = documentOf(await ask(app(), 'GET', job.monitor));
        if (status === 'Succeeded') return true;
        throw new Error(`The job is still ${status}.`);
      },
      { timeoutMs: LONGEST_MS, intervalMs: 250 },
    );
  }
  return jobs;
}

async function expectWhole(convert: string, job: StartedJob): Promise<void> {
  const { zip, manifest, files } = await readRenditions(app(), job);
  const folder = await mkdtemp(join(tmpdir(), 'renditions-'));
  try {
    const file = join(folder, 'renditions.zip');
    await writeFile(file, zip);
    const { stdout } = await promisify(execFile)('unzip', ['-t', file]);
    expect(stdout).toContain('No errors detected');
  } finally {
    await rm(folder, { recursive: true });
  }
  const seen = await identify(convert, files);
  expect(seen).toHaveLength(RENDITIONS);
  expect(seen.map(({ format, width, height }) => ({ format, width, height }))).toEqual(
    manifest.renditions.map(({ format, width, height }) => ({ format, width, height })),
  );
}
