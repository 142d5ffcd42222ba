/** Reads a workflow as GitHub does, by GitHub's own parser: schema, expressions and the contexts that each place has. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

type Parser = typeof import('@actions/workflow-parser', { with: { 'resolution-mode': 'import' }});

/** Node.js cannot load the package as it is: it imports JSON without saying so. */
function loadParser(): Parser {
  const folder = mkdtempSync(join(tmpdir(), 'workflow-parser-'));
  try {
    const outfile = join(folder, 'parser.cjs');
    buildSync({
      stdin: { contents: "export * from '@actions/workflow-parser';", resolveDir: process.cwd() },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'silent',
    });
    return createRequire(outfile)(outfile) as Parser;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let parser: Parser | undefined;

/** What is wrong with a workflow, with line and column; nothing where it is right. */
export async function workflowErrors(name: string, content: string): Promise<readonly string[]> {
  parser ??= loadParser();
  const { context, value } = parser.parseWorkflow({ name, content }, new parser.NoOperationTraceWriter());
  if (value !== undefined) await parser.convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}
