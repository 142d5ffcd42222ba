/** CORS, by the app itself: the platform's own cannot expose headers. */
import type { HttpRequest } from '@azure/functions';
import type { Config } from '../config.ts';
import { type Answer, empty, type Handler } from './answer.ts';

const EXPOSED =
  'Location, Retry-After, Operation-Location, Preference-Applied, Content-Range, Content-Disposition, ETag';
const ALLOWED =
  'Content-Type, Prefer, Idempotency-Key, Authorization, x-functions-key, traceparent, tracestate, Range';
const PREFLIGHT_SECONDS = 7200;

export type CorsSettings = Pick<Config, 'corsAllowedOrigins'>;

/** The headers every answer to an allowed origin carries; `Vary` is sent to all, since the answer depends on the origin. */
export function corsHeaders(
  { headers }: Pick<HttpRequest, 'headers'>,
  { corsAllowedOrigins }: CorsSettings,
): Record<string, string> {
  if (corsAllowedOrigins.length === 0) return {};
  if (corsAllowedOrigins.includes('*')) {
    return { 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED };
  }
  const origin = headers.get('origin');
  if (origin === null || !corsAllowedOrigins.includes(origin)) return { vary: 'Origin' };
  return { vary: 'Origin', 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED };
}

/** Answers a preflight. It carries no key, which is why it is a registration of its own. */
export function preflight(methods: readonly string[], settings: CorsSettings): Handler {
  return async function answerPreflight(request): Promise<Answer> {
    const isAllowed = 'access-control-allow-origin' in corsHeaders(request, settings);
    return empty(204, {
      allow: [...methods, 'OPTIONS'].join(', '),
      ...(isAllowed && {
        'access-control-allow-methods': methods.join(', '),
        'access-control-allow-headers': ALLOWED,
        'access-control-max-age': String(PREFLIGHT_SECONDS),
      }),
    });
  };
}
