/**
 * Storage as infra/ makes it: no key opens it, and the app gets in by its managed identity alone. The app is the built one, its
 * credential that of `@azure/identity`; https, tokens and user delegation keys are Azurite's. `npm run contract -- identity` runs the
 * other files of this folder so.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { emulatorAccount } from '../../dev/azurite.ts';
import { type StorageProxy, startStorageProxy } from '../../dev/storage-proxy.ts';
import { startTestAzurite, type TestAzurite } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { type FunctionApp, startAppBehindProxy, startFunctionApp } from '../support/function-app.ts';
import { takeIdentity } from '../support/identity.ts';
import {
  type ManagedIdentity,
  OBJECT_ID,
  startManagedIdentity,
  TENANT_ID,
} from '../support/managed-identity.ts';
import { describeWithTool } from '../support/tool.ts';
import {
  ask,
  documentOf,
  JSON_TYPE,
  newUpload,
  post,
  problemOf,
  putUpload,
  retryAfterOf,
  startDelay,
  startedBy,
  untilEnded,
} from './api.ts';

const KEY_CALL = 'Get User Delegation Key';
const HOUR_SECONDS = 3600;

describeWithTool('openssl', 'storage that takes no key', () => {
  let azurite: TestAzurite;
  const storage = () => ({ ...azurite, account: emulatorAccount });
  beforeAll(async () => {
    azurite = await startTestAzurite({ tls: (await takeIdentity()).tls });
  });
  afterAll(() => azurite.stop());

  describe('serves jobs of every kind', () => {
    let app: FunctionApp;
    let proxy: StorageProxy;
    let identity: ManagedIdentity;
    beforeAll(async () => {
      identity = await startManagedIdentity();
      ({ app, proxy } = await startAppBehindProxy({ settings: { ...identity.settings } }, storage()));
    });
    afterAll(async () => {
      await app.stop();
      await identity.stop();
    });

    /** Holds a URL to be signed for one blob by the app's identity, over https. */
    function signedByIdentity(url: string, allows: 'r' | 'cw'): void {
      const { protocol, searchParams } = new URL(url);
      expect(protocol).toBe('https:');
      expect(Object.fromEntries(searchParams)).toMatchObject({
        skoid: OBJECT_ID,
        sktid: TENANT_ID,
        sks: 'b',
        sr: 'b',
        spr: 'https',
        sp: allows,
      });
    }
    const replyUrlOf = async (location: string) =>
      (await ask(app, 'GET', location)).headers.get('location') ?? '';

    test('a reply is read by a user delegation SAS, which writes nothing', async () => {
      const job = await startDelay(app, { seconds: 0.1, replyBytes: 20 });
      await untilEnded(app, job);
      const url = await replyUrlOf(job.location);
      signedByIdentity(url, 'r');
      expect(await (await fetch(url)).text()).toHaveLength(20);
      const put = { method: 'PUT', body: 'mine', headers: { 'x-ms-blob-type': 'BlockBlob' } };
      expect((await fetch(url, put)).status).toBe(403);
      expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    });

    test('an upload is written by one, which reads nothing, and is a request', async () => {
      const upload = await newUpload(app);
      signedByIdentity(upload.uploadUrl, 'cw');
      expect(await putUpload(upload, 'a,b\n1,2\n', 'text/csv')).toBe(201);
      expect((await fetch(upload.uploadUrl)).status).toBe(403);
      const job = startedBy(await post(app, `csv-profile?upload=${upload.id}`, undefined, {}));
      expect(await untilEnded(app, job)).toMatchObject({ status: 'Succeeded' });
    });

    test('a workflow, a failure, a cancel, a delete, an operator’s list', async () => {
      const workflow = startedBy(await post(app, 'delay-workflow', '{"seconds":0.2,"steps":2}'));
      const failing = await startDelay(app, { seconds: 0, outcome: 'reject' });
      const canceled = await startDelay(app, { seconds: 60 });
      expect((await ask(app, 'POST', `/api/jobs/${canceled.id}/cancel`)).status).toBe(200);
      expect(await untilEnded(app, workflow)).toMatchObject({ status: 'Succeeded' });
      expect(await untilEnded(app, failing)).toMatchObject({ status: 'Failed' });
      expect((await ask(app, 'GET', canceled.location)).status).toBe(410);
      expect((await ask(app, 'DELETE', failing.location)).status).toBe(204);
      const { value } = JSON.parse((await ask(app, 'GET', '/api/operator/jobs')).text);
      expect(value.map(({ ref }: { ref: string }) => ref)).toContain(workflow.ref);
    });

    test('by tokens and by what an identity signed, a handful of tokens and one key for all of it', async () => {
      const job = await startDelay(app, { seconds: 0 });
      await untilEnded(app, job);
      await Promise.all(Array.from({ length: 20 }, () => replyUrlOf(job.location)));
      await Promise.all(Array.from({ length: 20 }, () => newUpload(app)));
      const ways = new Set(proxy.calls.map(({ signedBy }) => signedBy));
      expect([...ways].sort()).toEqual(['delegation', 'token']);
      expect(proxy.count()).toBeGreaterThan(100);
      expect(proxy.count(KEY_CALL)).toBe(1);
      expect(identity.asked).toBeLessThan(5);
    });

    test('as AzureWebJobsStorage and by the default credential as well', async () => {
      const other = await startStorageProxy(azurite);
      const account = `https://127.0.0.1:${other.blobPort}/${emulatorAccount.name}`;
      const none = { blobServiceUri: '', queueServiceUri: '', credential: '', clientId: '' };
      const app = await startFunctionApp({
        connectionString: azurite.connectionString,
        appConnectionString: other.connectionString,
        settings: {
          ...Object.fromEntries(Object.entries(none).map(([name]) => [`JobStorage__${name}`, ''])),
          AzureWebJobsStorage__blobServiceUri: account,
          AzureWebJobsStorage__queueServiceUri: account.replace(
            String(other.blobPort),
            String(other.queuePort),
          ),
        },
      });
      try {
        const job = await startDelay(app, { seconds: 0 });
        expect(await untilEnded(app, job)).toMatchObject({ status: 'Succeeded' });
        expect(new Set(other.calls.map(({ signedBy }) => signedBy))).toEqual(new Set(['token']));
      } finally {
        await app.stop();
        await other.stop();
      }
    });
  });

  describe('the key that signs, as time goes by', () => {
    let app: FunctionApp;
    let proxy: StorageProxy;
    let location: string;
    beforeAll(async () => {
      ({ app, proxy } = await startAppBehindProxy({}, storage()));
      const job = await startDelay(app, { seconds: 0 }, '?reply=link');
      await untilEnded(app, job);
      location = job.location;
    });
    afterAll(() => app.stop());
    beforeEach(() => proxy.reset());

    /** Of the key that signed: when it ends, as the reply's URL says. */
    async function keyEndsAt(): Promise<string | null> {
      const { replyUrl = '' } = documentOf(await ask(app, 'GET', location));
      const response = await fetch(replyUrl);
      await response.arrayBuffer();
      expect(response.status).toBe(200);
      return new URL(replyUrl).searchParams.get('ske');
    }
    const noKeys = () => proxy.intercept({ on: KEY_CALL, fault: 'refuse', times: Number.POSITIVE_INFINITY });

    test('is kept for most of a day, renewed behind the back of who asks, and signs on meanwhile', async () => {
      const first = await keyEndsAt();
      await azurite.advance(22 * HOUR_SECONDS);
      expect(await keyEndsAt()).toBe(first);
      expect(proxy.count(KEY_CALL)).toBe(1);

      await azurite.advance(2 * HOUR_SECONDS);
      const held = Promise.withResolvers<void>();
      const renewal = proxy.intercept({ on: KEY_CALL, before: () => held.promise });
      expect(await keyEndsAt()).toBe(first);
      await renewal.met;
      expect(await keyEndsAt()).toBe(first);
      held.resolve();
      await eventually(async () => (await keyEndsAt()) !== first);
      expect(proxy.count(KEY_CALL)).toBe(2);
    });

    test('signs on where it cannot be renewed, which is tried now and then', async () => {
      const old = await keyEndsAt();
      await azurite.advance(24 * HOUR_SECONDS);
      const outage = noKeys();
      expect(await keyEndsAt()).toBe(old);
      await app.logged(/user delegation key not renewed/);
      const tries = proxy.count(KEY_CALL);
      for (let polls = 0; polls < 20; polls += 1) expect(await keyEndsAt()).toBe(old);
      expect(proxy.count(KEY_CALL)).toBe(tries);

      outage.remove();
      await azurite.advance(360);
      await eventually(async () => (await keyEndsAt()) !== old);
    });

    test('once it has ended without another: 503 with Retry-After, until there is one', async () => {
      await azurite.advance(49 * HOUR_SECONDS);
      const outage = noKeys();
      const answer = await ask(app, 'GET', location);
      problemOf(answer, 503, 'storage-unavailable');
      retryAfterOf(answer);
      // What needs no URL goes on.
      expect((await ask(app, 'GET', `${location.split('?')[0]}?reply=stream`)).status).toBe(200);
      outage.remove();
      expect(await eventually(keyEndsAt)).toEqual(expect.any(String));
    });
  });

  test('no token is to be had: 503 with Retry-After within seconds, and 202 once it is', async () => {
    const identity = await startManagedIdentity();
    identity.answers('error');
    const { app } = await startAppBehindProxy({ settings: { ...identity.settings } }, storage());
    try {
      const answer = await post(app, 'delay', '{"seconds":0}', JSON_TYPE);
      problemOf(answer, 503, 'storage-unavailable');
      retryAfterOf(answer);
      expect((await ask(app, 'GET', '/api/health')).status).toBe(503);
      identity.answers('token');
      await eventually(async () => (await post(app, 'delay', '{"seconds":0}')).status === 202, {
        timeoutMs: 20_000,
        intervalMs: 250,
      });
    } finally {
      await app.stop();
      await identity.stop();
    }
  });
});
