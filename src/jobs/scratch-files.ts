/** The files of one attempt as its activities see them. */
import type { ScratchFiles } from '../operations/workflow.ts';
import type { ScratchStore } from './workflow-ports.ts';

const NAME = /^(?!\.+$)[A-Za-z0-9._-]{1,100}$/;

/** Notes whether anything was written, successfully or not. */
export function scratchFiles(
  scratch: Pick<ScratchStore, 'write' | 'read'>,
  ref: string,
  attempt: number,
): ScratchFiles & { readonly hasWritten: boolean } {
  let hasWritten = false;
  const checked = (name: string) => {
    if (NAME.test(name)) return name;
    throw new TypeError(
      `a scratch file's name wants 1 to 100 letters, digits, '.', '_' and '-', got ${JSON.stringify(name)}`,
    );
  };
  return {
    get hasWritten() {
      return hasWritten;
    },
    async write(name, content) {
      const file = checked(name);
      hasWritten = true;
      await scratch.write(ref, attempt, file, content);
    },
    async read(name) {
      const content = await scratch.read(ref, attempt, checked(name));
      if (content === undefined) throw new Error(`there is no scratch file '${name}'`);
      return content;
    },
  };
}
