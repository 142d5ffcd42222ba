import { jest } from '@jest/globals';
import { describeWithTool } from '../../support/tool.ts';

describeWithTool('openssl', 'by identity', () => {
  jest.requireActual('../start-operation.test.ts');
});
