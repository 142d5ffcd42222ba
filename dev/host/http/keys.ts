/** The app's keys, and whether a request may call a function with the one it shows. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import type { HttpFunction } from '../functions.ts';

export interface AppKeys {
  /** Opens everything. */
  readonly master: string;
  /** The `default` host key: opens every function that asks for a function key. */
  readonly host: string;
  /** The `default` key of each function, by its name. */
  readonly functions: Readonly<Record<string, string>>;
}

const stored = z.object({
  master: z.string(),
  host: z.string(),
  functions: z.record(z.string(), z.string()),
});

/**
 * Reads the keys from `keys.json` in the data folder and makes those that are missing.
 * @param dataDir absent: the keys live as long as the host.
 */
export function loadKeys(dataDir: string | undefined, functionNames: readonly string[]): AppKeys {
  const file = dataDir === undefined ? undefined : join(dataDir, 'keys.json');
  const known = file === undefined ? undefined : readKeys(file);
  const keys: AppKeys = {
    master: known?.master ?? newKey(),
    host: known?.host ?? newKey(),
    functions: Object.fromEntries(functionNames.map((name) => [name, known?.functions[name] ?? newKey()])),
  };
  if (dataDir !== undefined && file !== undefined) {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  }
  return keys;
}

function readKeys(file: string): AppKeys | undefined {
  try {
    return stored.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${file} could not be read as keys: ${(error as Error).message}`);
  }
}

/** 56 URL-safe characters with the mark by which Azure's keys are found in leaked text. */
function newKey(): string {
  return `${randomBytes(33).toString('base64url')}AzFu${randomBytes(6).toString('base64url')}`;
}

/** Whether the key that the request shows opens this function. */
export function mayCall(keys: AppKeys, request: IncomingMessage, httpFunction: HttpFunction): boolean {
  if (httpFunction.authLevel === 'anonymous') return true;
  const key = shownKey(request);
  if (httpFunction.authLevel === 'admin') return key === keys.master;
  return key !== undefined && [keys.functions[httpFunction.name], keys.host, keys.master].includes(key);
}

export function showsMasterKey(keys: AppKeys, request: IncomingMessage): boolean {
  return shownKey(request) === keys.master;
}

/** The header counts before the query, even when it is wrong. */
function shownKey(request: IncomingMessage): string | undefined {
  const header = request.headers['x-functions-key'];
  if (header !== undefined) return String(header);
  const query = new URLSearchParams(request.url?.split('?', 2)[1] ?? '');
  for (const [name, value] of query) if (name.toLowerCase() === 'code') return value;
  return undefined;
}
