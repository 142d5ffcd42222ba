/** A copy of the repository in a folder of its own, to change: as a clone has it, with the packages that are here. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';

export interface RepositoryCopy {
  readonly folder: string;
  remove(): void;
}

/** @param title begins the folder's name */
export function copyRepository(title: string): RepositoryCopy {
  const folder = mkdtempSync(join(tmpdir(), `${title}-`));
  const left = new Set(['.git', ...readFileSync('.gitignore', 'utf8').split(/\/?\n/)]);
  cpSync('.', folder, {
    recursive: true,
    filter: (file) => !left.has(relative('.', file).split(sep)[0] || '.'),
  });
  // Windows asks no administrator for a junction.
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
