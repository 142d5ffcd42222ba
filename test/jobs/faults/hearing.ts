/** What callers hear: a client its status, the Functions host whether the delivery returned. */
import { Refusal, StorageUnavailable } from '../../../src/jobs/errors.ts';
import type { Instance, Outcome } from '../support/instance.ts';
import type { Act, Scenario } from './scenario.ts';

/** @param answered the status of the answer where all is well */
export function client(answered: string): Scenario['hears'] {
  return (outcome) => {
    if (outcome.is === 'killed') return 'nothing';
    if (outcome.is === 'answered') return answered;
    if (outcome.error instanceof StorageUnavailable) return '503';
    if (outcome.error instanceof Refusal) return outcome.error.code;
    throw outcome.error;
  };
}

export const host: Scenario['hears'] = (outcome) => {
  if (outcome.is === 'killed') return 'dies';
  return outcome.is === 'answered' ? 'returns' : 'fails';
};

/** The subject handles the next message that is due. */
export async function deliverOnce({ host, subject }: Pick<Act, 'host' | 'subject'>): Promise<Outcome<void>> {
  return await delivered(host, subject);
}

/** @throws {Error} where no message is due */
export async function delivered(host: Act['host'], instance: Instance): Promise<Outcome<void>> {
  const delivery = await host.deliverNext(instance);
  if (delivery === undefined) throw new Error('no message is due');
  return delivery.outcome;
}
