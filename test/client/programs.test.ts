/** The clients of samples/clients that run as they are. The .NET one, which is built first: dotnet.test.ts. */
import { spawnSync } from 'node:child_process';
import { expect } from '@jest/globals';
import { describeWithTool } from '../support/tool.ts';
import { PENGUINS_ROWS, testProgram } from './profiles-files.ts';
import { useWatchedApp } from './watched-app.ts';

const app = useWatchedApp();

const printsProfile = (stdout: string) => expect(JSON.parse(stdout)).toMatchObject({ rows: PENGUINS_ROWS });

describeWithTool('curl', 'curl.sh', () => testProgram(app, ['samples/clients/curl.sh'], 1, printsProfile));

describeWithTool('curl', 'one-call.sh', () =>
  testProgram(app, ['samples/clients/one-call.sh'], 0, printsProfile),
);

describeWithTool('curl', 'upload.sh', () =>
  testProgram(app, ['samples/clients/upload.sh'], 1, printsProfile),
);

describeWithTool('python3', 'python_urllib.py', (python) =>
  testProgram(app, [python, 'samples/clients/python_urllib.py'], 1),
);

describeWithTool(
  'python3',
  'python_requests.py',
  (python) => testProgram(app, [python, 'samples/clients/python_requests.py'], 1),
  (python) => spawnSync(python, ['-c', 'import requests']).status === 0,
);

describeWithTool('node', 'our-client.js', (node) =>
  testProgram(app, [node, 'samples/clients/our-client.js'], 1),
);
