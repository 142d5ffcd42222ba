/** `/api/docs` and `/api/demo`: pages for people, of files that the build put beside the app. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Answer, empty, type Handler } from './answer.ts';
import { type LinkSettings, linksOf } from './links.ts';
import { HttpRefusal } from './problem.ts';
import { routeValue } from './route.ts';

export interface PageDependencies {
  /** The folder of the page's files; its HTML is `index.html`. */
  readonly folder: string;
  /** What may be asked for beside the page itself; the page names them by a path relative to its own URL. */
  readonly files: readonly string[];
  /** Origin of storage, where a page's script follows a redirect to a reply and uploads to. */
  readonly storageOrigin: string;
  readonly config: LinkSettings;
}

interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** The page, and the files it loads. */
export interface Page {
  readonly page: Handler;
  readonly file: Handler;
}

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

/**
 * @param fileRoute route of the page's files, with `{file}`
 * The handlers throw HttpRefusal: `page-unknown`.
 */
export function page(fileRoute: string, { folder, files, storageOrigin, config }: PageDependencies): Page {
  const read = reading(folder);
  return {
    async page(request) {
      // With a slash at the end the page's relative paths would lead elsewhere.
      const path = new URL(request.url).pathname;
      if (path.endsWith('/')) return empty(308, { location: `../${path.split('/').at(-2)}` });
      const publicOrigin = new URL(linksOf(request, config).api).origin;
      return answerOf(await read('index.html'), 'html', request.headers.get('if-none-match'), {
        'content-security-policy': policyOf(new Set([publicOrigin, storageOrigin])),
        'referrer-policy': 'no-referrer',
      });
    },
    async file(request) {
      const name = routeValue(request, fileRoute, 'file');
      if (!files.includes(name)) throw pageUnknown();
      return answerOf(await read(name), name.split('.').at(-1) ?? '', request.headers.get('if-none-match'));
    },
  };
}

/** The page that is switched off. */
export const noPage: Page = {
  page: () => Promise.reject(pageUnknown()),
  file: () => Promise.reject(pageUnknown()),
};

function pageUnknown(): HttpRefusal {
  return new HttpRefusal('page-unknown', 'There is no such page here.');
}

/** Each file is read once, when first asked for; one that could not be read, by the next who asks. */
function reading(folder: string): (name: string) => Promise<PageFile> {
  const kept = new Map<string, Promise<PageFile>>();
  return (name) => {
    const file =
      kept.get(name) ??
      readFile(join(folder, name)).then((bytes) => ({
        bytes: new Uint8Array(bytes),
        etag: `"${createHash('sha256').update(bytes).digest('base64url')}"`,
      }));
    kept.set(name, file);
    file.catch(() => kept.delete(name));
    return file;
  };
}

function answerOf(
  { bytes, etag }: PageFile,
  extension: string,
  ifNoneMatch: string | null,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const always = { ...headers, etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' };
  if (ifNoneMatch === etag) return empty(304, always);
  return { status: 200, headers: { ...always, 'content-type': contentTypes[extension] ?? '' }, body: bytes };
}

/** Everything from the app itself, but for what a script asks of the app by its public name and of storage. */
function policyOf(origins: ReadonlySet<string>): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${[...origins].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
