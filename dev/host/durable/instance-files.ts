/** Keeps the instances of a task hub: a file each in the data folder, or in memory alone where there is no such folder. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyLine, createdInstance, type Instance, type InstanceLine } from './instance.ts';

const SUFFIX = '.jsonl';

export interface InstanceFiles {
  /** Everything that is kept, as the last host left it. */
  load(): Instance[];
  /** Begins an instance's file anew. */
  create(id: string, first: InstanceLine & { line: 'created' }): Instance;
  /** Adds a line to the file and to the instance. */
  add(instance: Instance, line: InstanceLine): void;
  remove(id: string): void;
}

/** @param folder absent: nothing outlives the host */
export function instanceFiles(folder: string | undefined): InstanceFiles {
  const fileOf = (id: string) => join(folder ?? '', `${encodeURIComponent(id)}${SUFFIX}`);
  if (folder !== undefined) mkdirSync(folder, { recursive: true });

  return {
    load() {
      if (folder === undefined) return [];
      return readdirSync(folder)
        .filter((name) => name.endsWith(SUFFIX))
        .flatMap((name) => {
          const file = join(folder, name);
          const text = readFileSync(file, 'utf8');
          // A line cut off by the end of a host was never acted on.
          const whole = text.slice(0, text.lastIndexOf('\n') + 1);
          if (whole !== text) writeFileSync(file, whole);
          return instanceOf(decodeURIComponent(name.slice(0, -SUFFIX.length)), whole) ?? [];
        });
    },
    create(id, first) {
      if (folder !== undefined) writeFileSync(fileOf(id), `${JSON.stringify(first)}\n`);
      return createdInstance(id, first);
    },
    add(instance, line) {
      if (folder !== undefined) appendFileSync(fileOf(instance.id), `${JSON.stringify(line)}\n`);
      applyLine(instance, line, new Date().toISOString());
    },
    remove(id) {
      if (folder !== undefined) rmSync(fileOf(id), { force: true });
    },
  };
}

/** Undefined for a file without a whole first line. */
function instanceOf(id: string, text: string): Instance | undefined {
  const [first, ...others] = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as InstanceLine);
  if (first?.line !== 'created') return undefined;
  const instance = createdInstance(id, first);
  for (const line of others) applyLine(instance, line, instance.updatedAt);
  return instance;
}
