/** `GET /api/operations`: what the app offers, with the schemas that it validates by. */
import * as z from 'zod';
import type { Registry } from '../jobs/ports.ts';
import { operationNamed } from '../jobs/registry.ts';
import { type Operation, stream } from '../operations/operation.ts';
import { type Handler, json } from './answer.ts';
import type { CatalogueEntry } from './documents.ts';
import { type LinkSettings, type Links, linksOf } from './links.ts';
import { routes, routeValue } from './route.ts';

interface CatalogueDependencies {
  readonly registry: Registry;
  readonly config: LinkSettings;
}

/** The operations may be known to anybody for a while; a deployment changes them. */
const CACHED = { 'cache-control': 'public, max-age=60' };

/** `GET /api/operations` */
export function listOperations({ registry, config }: CatalogueDependencies): Handler {
  return async function list(request) {
    const links = linksOf(request, config);
    return json(200, { value: [...registry.values()].map((operation) => entryOf(operation, links)) }, CACHED);
  };
}

/** `GET /api/operations/{operation}` */
export function showOperation({ registry, config }: CatalogueDependencies): Handler {
  return async function show(request) {
    const name = routeValue(request, routes.operation, 'operation');
    const operation = operationNamed(registry, name);
    return json(200, entryOf(operation, linksOf(request, config)), CACHED);
  };
}

function entryOf(operation: Operation, links: Links): CatalogueEntry {
  return {
    name: operation.name,
    summary: operation.summary,
    location: links.operation(operation.name),
    accepts: Object.entries(operation.accepts).map(([contentType, schema]) =>
      schema === stream ? { contentType } : { contentType, schema: schemaOf(schema) },
    ),
    ...(operation.params && { parameters: schemaOf(operation.params) }),
    replies: [...operation.replies],
  };
}

/** JSON Schema of what a caller may send, before defaults and transformations. */
function schemaOf(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}
