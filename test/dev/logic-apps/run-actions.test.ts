/** The order of actions, and what a block of them ends with. */
import { describe, expect, test } from '@jest/globals';
import type { Actions, Json } from '../../../dev/logic-apps/definition.ts';
import type { ActionResult } from '../../../dev/logic-apps/expressions/functions.ts';
import { runActions } from '../../../dev/logic-apps/run-actions.ts';
import { stoppedClock } from './stopped-clock.ts';

describe('runAfter', () => {
  const compose = (inputs: Json, runAfter: Actions[string]['runAfter'] = {}): Actions[string] => ({
    type: 'Compose',
    inputs,
    runAfter,
  });
  const FAILS = "@length(json('null'))";

  async function ran(actions: Actions) {
    const results = new Map<string, ActionResult>();
    const scope = { runName: 'run', parameters: {}, triggerOutputs: null, results };
    const environment = { ...stoppedClock().environment, respond: () => true };
    const status = await runActions(actions, scope, environment);
    return {
      status,
      statuses: Object.fromEntries([...results].map(([name, result]) => [name, result.status])),
    };
  }

  test('Succeeded and Failed choose; what is not chosen is Skipped, and what comes after it', async () => {
    const { statuses } = await ran({
      Try: compose(FAILS),
      Then: compose(1, { Try: ['Succeeded'] }),
      After: compose(1, { Then: ['Succeeded'] }),
      Catch: compose(1, { Try: ['Failed', 'TimedOut'] }),
      Always: compose(1, { Then: ['Succeeded', 'Failed', 'Skipped'] }),
    });
    expect(statuses).toEqual({
      Try: 'Failed',
      Then: 'Skipped',
      After: 'Skipped',
      Catch: 'Succeeded',
      Always: 'Succeeded',
    });
  });

  test('a failure that was caught is none; a skipped branch beside the catch brings it back', async () => {
    const caught = { Try: compose(FAILS), Catch: compose(1, { Try: ['Failed'] }) };
    expect((await ran(caught)).status).toBe('Succeeded');
    expect((await ran({ ...caught, Then: compose(1, { Try: ['Succeeded'] }) })).status).toBe('Failed');
    const chained = {
      Try: compose(FAILS),
      Then: compose(1, { Try: ['Succeeded'] }),
      Catch: compose(1, { Then: ['Skipped'] }),
    };
    expect((await ran(chained)).status).toBe('Succeeded');
  });

  test('a block that fails passes it on; the branch that is not taken is Skipped to its leaves', async () => {
    const { status, statuses } = await ran({
      Choose: {
        type: 'If',
        expression: { or: [{ equals: [1, 2] }, { and: [{ equals: ['@true', true] }] }] },
        actions: { Inner: { type: 'Scope', actions: { Bad: compose(FAILS) }, runAfter: {} } },
        else: { actions: { Other: { type: 'Scope', actions: { Deep: compose(1) }, runAfter: {} } } },
        runAfter: {},
      },
    });
    expect(status).toBe('Failed');
    expect(statuses).toEqual({
      Choose: 'Failed',
      Inner: 'Failed',
      Bad: 'Failed',
      Other: 'Skipped',
      Deep: 'Skipped',
    });
  });

  test('turns of a loop do not see each other', async () => {
    const { status } = await ran({
      Each: {
        type: 'Foreach',
        foreach: "@json('[1, null, 3]')",
        actions: {
          Item: compose("@items('Each')"),
          Fails: compose("@string(coalesce(outputs('Item'), 0))", { Item: ['Succeeded'] }),
        },
        runAfter: {},
      },
    });
    expect(status).toBe('Succeeded');
  });
});
