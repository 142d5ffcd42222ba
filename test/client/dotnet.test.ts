/** .NET's HttpClient with a bearer token, redirects followed as it does by default, on `?reply=stream`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Forwarder } from '../support/forwarder.ts';
import { describeWithTool } from '../support/tool.ts';
import { PENGUINS, PENGUINS_ROWS, testProgram } from './profiles-files.ts';
import { runProgram } from './run-program.ts';
import { startSignedInFront, TOKEN } from './signed-in-front.ts';
import { useWatchedApp } from './watched-app.ts';

describeWithTool('dotnet', 'dotnet/Program.cs', (dotnet) => {
  const folder = mkdtempSync(join(tmpdir(), 'dotnet-client-'));
  const program = [dotnet, join(folder, 'out', 'client.dll')];
  beforeAll(async () => {
    const objects = `-p:BaseIntermediateOutputPath=${join(folder, 'obj')}/`;
    const project = 'samples/clients/dotnet/client.csproj';
    const built = await runProgram(
      [dotnet, 'build', project, '--nologo', '-o', join(folder, 'out'), objects],
      {
        DOTNET_CLI_HOME: folder,
        DOTNET_CLI_TELEMETRY_OPTOUT: '1',
        DOTNET_GENERATE_ASPNET_CERTIFICATE: 'false',
        // No build server is to outlive the test.
        MSBUILDDISABLENODEREUSE: '1',
        UseSharedCompilation: 'false',
      },
    );
    expect(built).toMatchObject({ code: 0 });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe('where the app asks for keys', () => {
    testProgram(useWatchedApp(), program, 0);
  });

  describe('where App Service authentication is on', () => {
    const app = useWatchedApp({ settings: { WEBSITE_AUTH_ENABLED: 'True' } });
    let front: Forwarder;
    beforeAll(async () => {
      front = await startSignedInFront(() => app().url);
    });
    afterAll(() => front.stop());

    test('its token opens the start, each poll, and the reply', async () => {
      const ended = await runProgram([...program, PENGUINS], { APP_URL: front.url, APP_TOKEN: TOKEN });
      expect(ended).toMatchObject({ code: 0, stdout: `${PENGUINS_ROWS} rows\n` });
      const tokens = front.seen.map(({ method, headers }) => [method, headers.authorization]);
      expect(tokens.length).toBeGreaterThan(1);
      expect([...new Set(tokens.map(([, token]) => token))]).toEqual([`Bearer ${TOKEN}`]);
      expect(app().callersAtStorage()).toEqual([]);
    });

    test('another token opens nothing', async () => {
      const ended = await runProgram([...program, PENGUINS], { APP_URL: front.url, APP_TOKEN: 'wrong' });
      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain('unauthenticated');
    });
  });
});
