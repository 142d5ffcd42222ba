/** What the app registers, on one page: names, routes and queues are known outside, so none of them changes unseen. */
import { expect, test } from '@jest/globals';
import type { ListedFunction } from '../../dev/host/listed-function.ts';
import { useFunctionApp } from '../support/function-app.ts';

const app = useFunctionApp({ settings: { DIAGNOSTIC_OPERATIONS: 'false' } });

function boundTo(listed: ListedFunction): string {
  switch (listed.trigger) {
    case 'http':
      return `${listed.methods.join(',')} ${listed.url.replace(app().url, '')}`;
    case 'queue':
      return `queue ${listed.queueName}`;
    case 'timer':
      return `timer ${listed.schedule}`;
    default:
      return listed.trigger;
  }
}

test('functions, methods, routes and queues (npx jest test/repository/registrations -u writes a change)', () => {
  const lines = app().host.functions.map((listed) => `${listed.name}: ${boundTo(listed)}`);
  expect(lines.toSorted()).toMatchSnapshot();
});
