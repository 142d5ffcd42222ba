/** Expressions: each function and form that the definitions use, and an end to all else. */
import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../../dev/logic-apps/definition.ts';
import { evaluateValue } from '../../../dev/logic-apps/expressions/evaluate.ts';
import { InvalidTemplate } from '../../../dev/logic-apps/expressions/functions.ts';
import { HeaderValues } from '../../../dev/logic-apps/expressions/value.ts';
import { UnknownBehaviour } from '../../../dev/logic-apps/unknown-behaviour.ts';

describe('expressions', () => {
  const context = {
    runName: 'run-1',
    parameters: { url: 'http://app' },
    triggerOutputs: {
      headers: new HeaderValues([['content-type', 'text/csv']]),
      body: { a: [1], text: "it's" },
    },
    result: (name: string) =>
      name === 'Done' ? ({ status: 'Succeeded', outputs: { n: 1 } } as const) : undefined,
    item: () => undefined,
  };
  const XML = '<?xml version="1.0"?><L><M><T>a</T></M><M><T>b</T></M></L>';

  test.each<[Json, unknown]>([
    ['@@plain', '@plain'],
    ['plain@example.org', 'plain@example.org'],
    ["@{parameters('url')}/x?@{triggerBody()?['none']}", 'http://app/x?'],
    ["@triggerOutputs()['headers']['Content-Type']", 'text/csv'],
    ["@triggerOutputs()?['queries']?['job']", null],
    ["@coalesce(null, triggerBody()['text'])", "it's"],
    ["@if(equals(actions('Done')?['status'], 'Succeeded'), 1, 2)", 1],
    ["@outputs('Done')['n']", 1],
    ["@workflow()['run']['name']", 'run-1'],
    ['@{json(\'{"a":"}"}\')}', '{"a":"}"}'],
    ["@string('it''s')", "it's"],
    ["@split(trim(' a b '), ' ')", ['a', 'b']],
    ["@uriComponent('a/b c')", 'a%2Fb%20c'],
    [`@length(xpath(xml('${XML}'), '/L/M'))`, 2],
    [`@xpath(xml('${XML}'), 'string(/L/None)')`, ''],
    [`@empty(xpath(xml('<L />'), '/L/M'))`, true],
    [{ a: ['@not(false)', { b: '@{1}' }] }, { a: [true, { b: '1' }] }],
  ])('%j', async (source, expected) => {
    expect(await evaluateValue(source, context)).toEqual(expected);
  });

  test.each([
    "@triggerBody()['none']",
    "@triggerBody()['text']['x']",
    "@outputs('Later')",
    '@trim(null)',
    '@if(1, 2, 3)',
    "@items('Each')",
  ])('%s fails its action', (source) =>
    expect(evaluateValue(source, context)).rejects.toThrow(InvalidTemplate),
  );

  test.each(['@utcNow()', `@xpath(xml('${XML}'), '//M')`])('%s ends the interpreter', (source) =>
    expect(evaluateValue(source, context)).rejects.toThrow(UnknownBehaviour),
  );
});
