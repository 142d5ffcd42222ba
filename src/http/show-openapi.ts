/** `GET /api/openapi.json` */
import type { Registry } from '../jobs/ports.ts';
import { type Handler, json } from './answer.ts';
import { type LinkSettings, linksOf } from './links.ts';
import { openApiDocument } from './openapi/document.ts';

export function showOpenApi({
  registry,
  config,
}: {
  readonly registry: Registry;
  readonly config: LinkSettings;
}): Handler {
  // Made when first asked for: a cold start does not pay for it.
  let document: ReturnType<typeof openApiDocument> | undefined;
  return async function show(request) {
    document ??= openApiDocument([...registry.values()]);
    const servers = [{ url: linksOf(request, config).api }];
    return json(200, { ...document, servers }, { 'cache-control': 'public, max-age=60' });
  };
}
