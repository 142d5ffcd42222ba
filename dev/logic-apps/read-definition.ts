/** The one way from a file to a definition that can be run. */
import { readFileSync } from 'node:fs';
import { checkDefinition } from './check-definition.ts';
import type { WorkflowDefinition } from './definition.ts';

/**
 * Reads a definition from its file.
 * @throws {DefinitionError} for whatever the interpreter would not know how to run.
 */
export function readDefinition(file: string): WorkflowDefinition {
  return checkDefinition(JSON.parse(readFileSync(file, 'utf8')));
}
