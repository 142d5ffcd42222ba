/** Looks a program up on PATH, as a shell would. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Windows names programs without their extension. */
const EXTENSIONS = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];

/** The absolute path of a program, undefined where PATH does not have one that will do. */
export function findProgram(
  name: string,
  willDo: (file: string) => boolean = () => true,
): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const extension of EXTENSIONS) {
      const file = join(folder, name + extension);
      try {
        accessSync(file, constants.X_OK);
        if (willDo(file)) return file;
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined;
}
