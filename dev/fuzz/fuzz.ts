/** All kinds of inputs, each its share, on an app and a storage of their own; and what must be true when they are over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { startAzurite } from '../azurite.ts';
import { buildApp } from '../build.ts';
import { startLocalHost } from '../host/local-host.ts';
import { csvInputs, profileBytes } from './fuzz-csv.ts';
import { fuzzHttp } from './fuzz-http.ts';
import { editMetadata, isDecodable, metadataInputs, queueInputs, sendMessage } from './fuzz-storage.ts';
import { httpInputs, rawInputs } from './http-inputs.ts';
import { type Fuzzing, runInputs } from './run-inputs.ts';

/** Of all inputs. A CSV costs little, a message several calls to storage. */
const SHARES = { csv: 0.56, http: 0.34, raw: 0.04, metadata: 0.03, queue: 0.03 } as const;
const DRAIN_LIMIT_MS = 60_000;

export interface FuzzReport {
  readonly kinds: readonly Fuzzing[];
  /** What was wrong when all was over. */
  readonly aftermath: readonly string[];
}

/** @param only one kind of inputs, its share of them; the others are left out */
export async function fuzz(
  inputs: number,
  seed: number,
  say: (line: string) => void,
  only?: string,
): Promise<FuzzReport> {
  const share = (kind: keyof typeof SHARES) => ({
    inputs: only === undefined || only === kind ? Math.ceil(inputs * SHARES[kind]) : 0,
    seed,
    atOnce: 16,
  });
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const azurite = await startAzurite();
  const log: string[] = [];
  // By the log and not by the answer: a client that hangs up does not hear that its request was accepted.
  const accepted = new Set<string>();
  try {
    const host = await startLocalHost({
      appDir: resolve(import.meta.dirname, '../..'),
      entry: buildApp({ outFile: join(folder, 'app.cjs') }),
      port: 0,
      settings: {
        AzureWebJobsStorage: azurite.connectionString,
        DIAGNOSTIC_OPERATIONS: 'true',
        AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.1',
        AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
      },
      onLog(line) {
        const ref = /job accepted \{"ref":"([\w-]{43})"/.exec(line)?.[1];
        if (ref !== undefined) accepted.add(ref);
        if (/request failed|attempt abandoned|exited|uncaught/i.test(line)) log.push(line);
      },
    });
    try {
      const workerPid = host.workerPid;
      const jobs = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(
        'jobs',
      );
      const queues = QueueServiceClient.fromConnectionString(azurite.connectionString);
      const requests = queues.getQueueClient('job-requests');
      const poison = queues.getQueueClient('job-requests-poison');
      const http = fuzzHttp(host.url);
      let undecodable = 0;
      const kinds: Fuzzing[] = [];
      const note = (kind: Fuzzing) => {
        kinds.push(kind);
        say(`${kind.kind}: ${kind.inputs} inputs, ${kind.findings.length} findings`);
      };
      note(await runInputs('csv', csvInputs, share('csv'), profileBytes));
      note(await runInputs('http', httpInputs, share('http'), http.send));
      note(await runInputs('raw', rawInputs, share('raw'), http.sendRaw));
      note(
        await runInputs('metadata', metadataInputs, share('metadata'), (input) =>
          editMetadata(jobs, host.url, input),
        ),
      );
      note(
        await runInputs('queue', queueInputs, share('queue'), (text) => {
          if (!isDecodable(text)) undecodable += 1;
          return sendMessage(requests, text);
        }),
      );
      http.stop();
      const aftermath = [
        ...(await drained(requests, poison, undecodable)),
        ...(await leftBehind(jobs, accepted)),
        ...(host.workerPid === workerPid ? [] : ['the worker has crashed']),
        ...log.slice(0, 5),
      ];
      return { kinds, aftermath };
    } finally {
      await host.kill();
    }
  } finally {
    await azurite.stop();
    rmSync(folder, { recursive: true });
  }
}

/**
 * Every message is worked off or dropped, but those that the host cannot decode: it never hands them to a handler and
 * keeps them in the poison queue until storage drops them after seven days.
 */
async function drained(requests: QueueClient, poison: QueueClient, undecodable: number): Promise<string[]> {
  const left = async (queue: QueueClient) => (await queue.getProperties()).approximateMessagesCount ?? 0;
  const deadline = performance.now() + DRAIN_LIMIT_MS;
  for (;;) {
    const [waiting, dead] = await Promise.all([left(requests), left(poison)]);
    if (waiting === 0 && dead <= undecodable) return [];
    if (performance.now() > deadline) {
      return [
        `${waiting} messages and ${dead} poison messages are left, where the host cannot decode ${undecodable}`,
      ];
    }
    await delay(200);
  }
}

/** Blobs, and blocks staged for one, that belong to no accepted job. */
async function leftBehind(jobs: ContainerClient, accepted: ReadonlySet<string>): Promise<string[]> {
  const foreign: string[] = [];
  for await (const { name } of jobs.listBlobsFlat({ includeUncommitedBlobs: true })) {
    if (!accepted.has(name)) foreign.push(name);
  }
  return foreign.length === 0
    ? []
    : [`${foreign.length} blobs that no accepted request explains, such as ${foreign[0]}`];
}
