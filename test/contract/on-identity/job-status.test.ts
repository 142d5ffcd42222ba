import { jest } from '@jest/globals';
import { describeWithTool } from '../../support/tool.ts';

describeWithTool('openssl', 'by identity', () => {
  jest.requireActual('../job-status.test.ts');
});
