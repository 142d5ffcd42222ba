/** What is checked of a definition before it runs: our own pass, and every fault of these is named. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { checkDefinition, DefinitionError } from '../../dev/logic-apps/check-definition.ts';
import { readDefinition } from '../../dev/logic-apps/read-definition.ts';
import { definitionFiles } from './workflows.ts';

test.each(Object.entries(definitionFiles))('%s keeps to the schema and to its own names', (_, file) => {
  expect(Object.keys(readDefinition(file).triggers)).toHaveLength(1);
});

const facade = readFileSync(definitionFiles.synchronousFacade, 'utf8');
const worker = readFileSync(definitionFiles.worker, 'utf8');

describe('refused is', () => {
  test.each<[string, string, string, string, RegExp]>([
    [
      'an action type that is not used',
      facade,
      '"type": "Http"',
      '"type": "ApiConnection"',
      /type.*allowed values/,
    ],
    [
      'a setting that is not known',
      facade,
      '"limit": {',
      '"trackedProperties": {}, "limit": {',
      /trackedProperties/,
    ],
    [
      'a method that the action has not',
      facade,
      '"method": "GET"',
      '"method": "HEAD"',
      /method.*allowed values/,
    ],
    ['a retry policy of another kind', facade, '"type": "fixed"', '"type": "exponential"', /retryPolicy/],
    ['a retry count that is too high', facade, '"count": 2', '"count": 91', /count.*<= 90/],
    ['a limit that is no duration', facade, '"PT90S"', '"90 seconds"', /timeout.*pattern/],
    ['a status that no action ends with', facade, '"Skipped"]', '"Cancelled"]', /runAfter.*allowed values/],
    ['a redirect as an answer', facade, '"statusCode": 504', '"statusCode": 302', /statusCode/],
    ['a long description', facade, 'Not by the', 'Not by the '.repeat(30), /description.*256/],
    ['a missing section', facade, '"contentVersion": "1.0.0.0",', '', /contentVersion/],
    ['another schema', facade, '2016-06-01', '2015-08-01-preview', /\$schema/],
    [
      'runAfter of nothing there',
      facade,
      '"Start_job": ["Succeeded"]',
      '"Start": ["Succeeded"]',
      /runs after Start,/,
    ],
    [
      'a circle',
      facade,
      '"runAfter": {}\n    },\n    "Wait',
      '"runAfter": { "Wait_for_reply": ["Failed"] }\n    },\n    "Wait',
      /Start_job: runs after itself/,
    ],
    ['a function that is not known', facade, 'coalesce(', 'first(', /no function 'first'/],
    [
      'arguments that are too few',
      facade,
      "@outputs('Start_job')[",
      '@outputs()[',
      /'outputs' with 0 arguments/,
    ],
    [
      'an action that is not there',
      facade,
      "outputs('Wait_for_reply')",
      "outputs('Wait')",
      /no action 'Wait'/,
    ],
    [
      'a parameter that is not declared',
      facade,
      "parameters('appKey')",
      "parameters('key')",
      /no parameter 'key'/,
    ],
    ['an expression that breaks off', facade, "['run']['name']", "['run'", /Not understood/],
    [
      'a brace that is not closed',
      facade,
      "@{parameters('operationQuery')}",
      "@{parameters('operationQuery')",
      /No brace/,
    ],
    [
      'two modes of answering',
      facade,
      '"inputs": {\n                "statusCode": 504',
      '"operationOptions": "Asynchronous", "inputs": {\n                "statusCode": 504',
      /asynchronous/,
    ],
    ['a loop that is none', worker, "items('For_each_message')", "items('Loop')", /no loop 'Loop'/],
    ['one name for two actions', worker, '"Words": {', '"Message": {', /Message: named twice/],
    [
      'a Response without a Request trigger',
      worker,
      '"type": "Compose",\n          "inputs"',
      '"type": "Response", "kind": "Http", "inputs": { "statusCode": 200 }, "runAfter": {} }, "Rest": { "type": "Compose", "inputs"',
      /without a Request trigger\n.*in a loop/,
    ],
  ])('%s', (_, source, whole, changed, complaint) => {
    expect(source).toContain(whole);
    const check = () => checkDefinition(JSON.parse(source.replace(whole, changed)));
    expect(check).toThrow(DefinitionError);
    expect(check).toThrow(complaint);
  });
});
