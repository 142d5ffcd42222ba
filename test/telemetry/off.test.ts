/** Where telemetry is off, nothing of it is loaded. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { insightsAt, QUIET } from './collector.ts';

/** The files of the app that its entry loads, by name. */
async function loaded(settings: Readonly<Record<string, string>>): Promise<string[]> {
  const script = `
    require('./dist/main.cjs');
    process.stdout.write('\\n' + JSON.stringify(Object.keys(require.cache).map((file) => require('path').basename(file))));
    process.exit();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
    env: { PATH: process.env.PATH, AzureWebJobsStorage: 'UseDevelopmentStorage=true', ...settings },
  });
  // Behind what the library says of a start without a host.
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n')));
}

test('nothing but the app itself', async () => {
  expect(await loaded({})).toEqual(['main.cjs']);
});

test.each([
  ['Application Insights', { APPLICATIONINSIGHTS_CONNECTION_STRING: insightsAt(9) }],
  ['an OTLP endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }],
])('its bundle, where there is %s to send it to', async (_, settings) => {
  expect(await loaded({ ...QUIET, ...settings })).toContain('telemetry.cjs');
});
