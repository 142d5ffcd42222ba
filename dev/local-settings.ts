/** Reads local.settings.json, where Core Tools keeps app settings on a developer's machine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SettingError } from './host/local-host.ts';

const schema = z.strictObject({
  IsEncrypted: z.literal(false).optional(),
  Values: z.record(z.string(), z.string()).default({}),
});

/**
 * The `Values` of local.settings.json, or none where there is no such file.
 * @throws {SettingError} naming what this host does not know or cannot use.
 */
export function readLocalSettings(appDir: string): Readonly<Record<string, string>> {
  const result = schema.safeParse(readContent(appDir) ?? {});
  if (result.success) return result.data.Values;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    throw new SettingError(
      `local.settings.json: ${issue.keys[0]} is not a setting that the local host knows.`,
    );
  }
  throw new SettingError(
    `${['local.settings.json', issue?.path.join('.')].filter(Boolean).join(': ')}: ${issue?.message}`,
  );
}

/**
 * AzureWebJobsStorage of local.settings.json, whatever else is there: Core Tools know more of the file than the local host.
 * @throws {SettingError} when the file is there and is not JSON.
 */
export function storageInLocalSettings(appDir: string): string | undefined {
  const schema = z.object({ Values: z.object({ AzureWebJobsStorage: z.string() }) });
  return schema.safeParse(readContent(appDir)).data?.Values.AzureWebJobsStorage;
}

function readContent(appDir: string): unknown {
  try {
    return JSON.parse(readFileSync(join(appDir, 'local.settings.json'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SettingError(`local.settings.json could not be read: ${(error as Error).message}`);
  }
}
