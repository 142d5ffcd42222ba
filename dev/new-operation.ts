/** `npm run new-operation -- NAME [--workflow]`: an operation of your own, its test, and its line in the registry. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EXAMPLE_REQUEST } from './new-operation/templates.ts';
import { writeOperation } from './new-operation/write-operation.ts';

const usage = `Usage: npm run new-operation -- NAME [--workflow]
  NAME        as in POST /api/operations/NAME: lower-case letters, digits and single hyphens
  --workflow  several steps on Durable Functions, instead of one that runs in the worker`;

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { workflow: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  const [name, ...more] = positionals;
  if (values.help) console.log(usage);
  else if (name === undefined || more.length > 0) throw new Error(usage);
  else {
    const rootDir = resolve(import.meta.dirname, '..');
    const [source, test, ...changed] = writeOperation(rootDir, { name, isWorkflow: values.workflow });
    console.log(
      [
        `Written: ${source} and ${test}. Changed: ${changed.join(', ')}.`,
        `Test it:  npm run build && npx jest ${test}`,
        'Serve it: npm run dev, and in another terminal',
        `  curl -i -H 'Content-Type: application/json' -d '${EXAMPLE_REQUEST}' http://127.0.0.1:7071/api/operations/${name}`,
        'docs/writing-operations.md says what else an operation may have.',
      ].join('\n'),
    );
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
