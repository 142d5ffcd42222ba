/**
 * Two local hosts on one Azurite, of which the one that runs a job is killed as a machine dies. Waiting is done by moving Azurite's
 * clock, which leases, message delays and ages go by; what the other host then does takes its real time. Both are read
 * off that clock.
 */
import { QueueServiceClient } from '@azure/storage-queue';
import { ask, type StartedJob, startDelay } from '../contract/api.ts';
import { startTestAzurite } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';

/** Longer than anybody waits here: the job is deleted once it runs again. */
const WORK = { seconds: 900 };
/** As host.json has it: an idle listener may take so long to find a message. */
const POLLING = { AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:02' };
/** More than the ten minutes after which the dead host's message is back by itself. */
const MOST_SECONDS = 900;

/** Somebody asks about the job, or has it looked at. Returns in how many seconds they do so again. */
export type Asking = (app: FunctionApp, job: StartedJob) => Promise<number>;

export interface Resumption {
  /** From the kill until the next attempt began. */
  readonly seconds: number;
  /** How often somebody asked in that time. */
  readonly asked: number;
}

export interface HostPair {
  /**
   * @param ageSeconds of the job when its host is killed
   * @param firstAskSeconds of the job when somebody first asks
   */
  killOnce(ageSeconds: number, firstAskSeconds: number, asking: Asking): Promise<Resumption>;
  stop(): Promise<void>;
}

export async function startHostPair(): Promise<HostPair> {
  const azurite = await startTestAzurite();
  const start = () => startFunctionApp({ connectionString: azurite.connectionString, settings: POLLING });
  let apps: FunctionApp[] = await Promise.all([start(), start()]);
  const queue = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(
    'job-requests',
  );
  const nowSeconds = () => azurite.now().getTime() / 1000;
  const until = (seconds: number) => azurite.advance(Math.max(0, seconds - nowSeconds()));

  return {
    async killOnce(ageSeconds, firstAskSeconds, asking) {
      const [app] = apps as [FunctionApp];
      const job = await startDelay(app, WORK);
      const startedSeconds = nowSeconds();
      const begun = new RegExp(`^attempt started .*"ref":"${job.ref}"`);
      const victim = await Promise.any(apps.map((one) => one.logged(begun).then(() => one)));
      const other = apps.find((one) => one !== victim) as FunctionApp;
      const properties = () => other.jobs.getBlobClient(job.ref).getProperties();
      if (ageSeconds >= 1) await eventually(async () => (await properties()).leaseState === 'leased');

      let nextSeconds = startedSeconds + firstAskSeconds;
      for (
        ;
        nextSeconds < startedSeconds + ageSeconds;
        nextSeconds = nowSeconds() + (await asking(other, job))
      )
        await until(nextSeconds);
      await until(startedSeconds + ageSeconds);
      const killedSeconds = nowSeconds();
      await victim.stop();

      let asked = 0;
      for (let isRecovered = false; !isRecovered; ) {
        if (nextSeconds > killedSeconds + MOST_SECONDS) throw new Error(`${job.ref} was not recovered`);
        await until(nextSeconds);
        asked++;
        nextSeconds = nowSeconds() + (await asking(other, job));
        const { metadata = {} } = await properties();
        isRecovered = metadata.attempt !== '1' || metadata.recovered !== undefined;
      }
      await other.logged(begun);
      const seconds = nowSeconds() - killedSeconds;
      await ask(other, 'DELETE', `/api/jobs/${job.id}`);
      // Dead hosts' messages come back when the clock moves, faster than a host that polls in real time takes them away.
      await queue.clearMessages();
      apps = [other, await start()];
      return { seconds, asked };
    },
    async stop() {
      await Promise.all(apps.map((one) => one.stop()));
      await azurite.stop();
    },
  };
}
