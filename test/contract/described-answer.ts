/**
 * Holds every answer that the contract suite receives to the app's own openapi.json: path, method, status, headers, body.
 * The document is read from the app under test, wherever that runs.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** As ask received it. */
export interface ReceivedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Described {
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, object>>;
}
type Operation = { readonly responses: Readonly<Record<string, Described>> };
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly headers: Readonly<Record<string, object>> };
}

/** Of HTTP, of the host and of the platform before it; and CORS, which any answer may have. */
const NOT_OURS =
  /^(?:date|server|connection|keep-alive|transfer-encoding|content-(?:length|type|encoding)|vary|access-control-.*|x-ms-.*|request-context|strict-transport-security)$/;

const checks = new Map<string, Promise<Check>>();
type Check = (method: string, url: URL, answer: ReceivedAnswer) => void;

/**
 * Throws an Error saying what the document does not have. Answers of another origin, which is storage, are not the app's;
 * those to a preflight are not in the document.
 */
export async function expectDescribed(
  app: { readonly url: string },
  method: string,
  url: URL,
  answer: ReceivedAnswer,
): Promise<void> {
  if (!url.href.startsWith(`${app.url}/`) || method === 'OPTIONS') return;
  let check = checks.get(app.url);
  if (check === undefined) {
    check = fetch(`${app.url}/api/openapi.json`).then(async (response) =>
      checkAgainst((await response.json()) as Document),
    );
    checks.set(app.url, check);
  }
  (await check)(method, url, answer);
}

/** Exported for its own test. */
export function checkAgainst(document: Document): Check {
  // OpenAPI's own keywords are around the schemas.
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('binary', true);
  ajv.addSchema(document, 'openapi');

  function expectValid(what: string, value: unknown, ...path: readonly string[]): void {
    const pointer = path.map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
    const validate = ajv.getSchema(`openapi#/${encodeURI(pointer)}`);
    if (validate === undefined) throw new Error(`There is no schema at ${pointer}.`);
    if (!validate(value))
      throw new Error(`${what}: ${ajv.errorsText(validate.errors)}, in ${JSON.stringify(value)}`);
  }

  function expectHeaders(
    where: string,
    described: Described,
    headers: Headers,
    path: readonly string[],
  ): void {
    const known = new Map(
      Object.entries(described.headers ?? {}).map((entry) => [entry[0].toLowerCase(), entry]),
    );
    for (const [name, value] of headers) {
      if (NOT_OURS.test(name)) continue;
      const [key, entry] = known.get(name) ?? [];
      if (key === undefined || entry === undefined) throw new Error(`${where} has no header ${name}`);
      const at = referredTo(entry) ?? [...path, 'headers', key];
      const isNumber = /^\d+$/.test(value);
      expectValid(`${where}, header ${name}`, isNumber ? Number(value) : value, ...at, 'schema');
    }
    for (const [name, [, entry]] of known) {
      const resolved = '$ref' in entry ? document.components.headers[referredTo(entry)?.at(-1) ?? ''] : entry;
      const isRequired = resolved !== undefined && 'required' in resolved && resolved.required === true;
      if (isRequired && !headers.has(name)) throw new Error(`${where} wants a header ${name}`);
    }
  }

  return function check(method, url, { status, headers, text }) {
    const where = `${method} ${url.pathname} ${status}`;
    const isEmpty = text === '';
    const path = describedPath(document, method, url.pathname);
    if (path === undefined) {
      if (status === 404 && isEmpty) return;
      throw new Error(`openapi.json has no ${where}`);
    }
    // Without a key, over its limits or with its worker gone the host itself answers, with nothing.
    if ([401, 429, 500].includes(status) && isEmpty && !headers.has('cache-control')) return;

    const operation = document.paths[path]?.[method.toLowerCase()];
    const described = operation?.responses[status];
    if (described === undefined) throw new Error(`openapi.json has no ${where}`);
    const at = ['paths', path, method.toLowerCase(), 'responses', String(status)];
    expectHeaders(where, described, headers, at);
    if (method === 'HEAD' || isEmpty) return;

    const contentType = headers.get('content-type')?.split(';')[0] ?? '';
    if (described.content?.[contentType] === undefined)
      throw new Error(`${where} has no content ${contentType}`);
    if (/json$/.test(contentType) && status !== 206) {
      expectValid(where, JSON.parse(text), ...at, 'content', contentType, 'schema');
    }
  };
}

const referredTo = (entry: object): readonly string[] | undefined =>
  '$ref' in entry ? String(entry.$ref).slice(2).split('/') : undefined;

/** A path without parameters goes before one with, as OpenAPI has it. */
function describedPath(document: Document, method: string, pathname: string): string | undefined {
  const asked = pathname
    .replace(/^.*?\/api(?=\/)/, '')
    .replace(/\/$/, '')
    .split('/');
  const matches = Object.entries(document.paths).filter(([path, item]) => {
    const template = path.split('/');
    return (
      method.toLowerCase() in item &&
      template.length === asked.length &&
      template.every((part, index) => part.startsWith('{') || part === asked[index])
    );
  });
  return matches.toSorted(([a], [b]) => Number(a.includes('{')) - Number(b.includes('{')))[0]?.[0];
}
