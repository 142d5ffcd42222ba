/** The Request trigger and what its caller is answered. */
import { describe, expect, test } from '@jest/globals';
import type { Actions, Json, WorkflowDefinition } from '../../../dev/logic-apps/definition.ts';
import { startWorkflow } from '../../../dev/logic-apps/start-workflow.ts';
import { UnknownBehaviour } from '../../../dev/logic-apps/unknown-behaviour.ts';
import { call } from '../../logic-apps/workflows.ts';
import { eventually } from '../../support/eventually.ts';
import { answer, hangUp, serve } from './scripted-server.ts';
import { stoppedClock } from './stopped-clock.ts';

const NO_RETRY = { type: 'none' } as const;

describe('the Request trigger', () => {
  const definition = (actions: Actions): WorkflowDefinition => ({
    parameters: {},
    triggers: { Request: { type: 'Request', inputs: { method: 'POST' } } },
    actions,
  });
  const response = (statusCode: Json, runAfter = {}): Actions[string] => ({
    type: 'Response',
    inputs: { statusCode, headers: { 'Set-Cookie': 'a=b', 'X-Kept': 'yes' }, body: { is: 'json' } },
    runAfter,
  });
  const start = (actions: Actions, environment = stoppedClock().environment) =>
    startWorkflow({ definition: definition(actions), parameters: {}, ...environment });

  test('an answer keeps its headers, but for those that the platform removes', async () => {
    const workflow = await start({ Answer: response(201) });
    const { status, headers, json } = await call(workflow.callbackUrl, 'POST', '{}', 'application/json');
    expect([status, headers.get('x-kept'), headers.get('set-cookie')]).toEqual([201, 'yes', null]);
    expect(json()).toEqual({ is: 'json' });
    await workflow.stop();
  });

  test('no Response within two minutes: 504; none at all: 502', async () => {
    const { environment, pass } = stoppedClock();
    const { url, seen } = await serve(() => {});
    const slow: Actions[string] = {
      type: 'Http',
      inputs: { method: 'GET', uri: url, retryPolicy: NO_RETRY },
      runAfter: {},
    };
    const workflow = await start({ Slow: slow, Answer: response(200, { Slow: ['Succeeded'] }) }, environment);
    const asked = call(workflow.callbackUrl, 'POST');
    await eventually(() => seen.length === 1);
    await pass(120);
    expect((await asked).status).toBe(504);
    hangUp();
    await workflow.stop();

    const silent = await start({
      Answer: response(200, { Nothing: ['Failed'] }),
      Nothing: { type: 'Compose', inputs: 1, runAfter: {} },
    });
    expect((await call(silent.callbackUrl, 'POST')).status).toBe(502);
    await silent.stop();
  });

  test('another method, another path: 404; another signature: 401', async () => {
    const workflow = await start({ Answer: response(200) });
    expect((await call(workflow.callbackUrl, 'GET')).status).toBe(404);
    expect((await call(workflow.callbackUrl.replace('invoke', 'other'), 'POST')).status).toBe(404);
    expect((await call(workflow.callbackUrl.replace(/sig=.*/, 'sig=x'), 'POST')).status).toBe(401);
    await workflow.stop();
  });

  test('what the interpreter does not know is heard at the end', async () => {
    const { url } = await serve(answer(302));
    const workflow = await start({
      Ask: { type: 'Http', inputs: { method: 'GET', uri: url }, runAfter: {} },
    });
    expect((await call(workflow.callbackUrl, 'POST')).status).toBe(500);
    await expect(workflow.stop()).rejects.toThrow(UnknownBehaviour);
  });
});
