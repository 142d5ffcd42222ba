/**
 * The one wrapper of every HTTP handler. With HTTP streams on, a handler that throws, returns nothing or returns what the
 * library cannot take leaves its client without an answer for 240 s: so nothing gets past here but a good response.
 */
import { type HttpHandler, type HttpRequest, HttpResponse } from '@azure/functions';
import { type Log, logs } from '../logs.ts';
import type { Answer, Handler } from './answer.ts';
import { type CorsSettings, corsHeaders } from './cors.ts';
import { problemAnswer, refusalAnswer } from './problem.ts';

/** @param name the function's name, for the log */
export function respond(name: string, handler: Handler, settings: CorsSettings): HttpHandler {
  return async function answered(request, context) {
    const instance = pathOf(request);
    const log: Log = context;
    const bug = (error: unknown): Answer => {
      logs.requestFailed(log, { function: name }, error);
      return problemAnswer('internal-error', 'Something is wrong with the app; its log says what.', instance);
    };
    try {
      let answer: Answer;
      try {
        answer = await handler(request, context);
      } catch (error) {
        answer = refusalAnswer(error, instance) ?? bug(error);
        if (answer.status === 503) logs.requestUnserved(log, { function: name }, error);
      }
      return responseOf(answer, request, settings);
    } catch (error) {
      return responseOf(bug(error), request, settings);
    }
  };
}

/** Throws for a header or status that HTTP does not allow. */
function responseOf(
  { status, headers, body }: Answer,
  request: HttpRequest,
  settings: CorsSettings,
): HttpResponse {
  return new HttpResponse({
    status,
    headers: { 'cache-control': 'no-store', ...headers, ...corsHeaders(request, settings) },
    ...(body !== undefined && { body }),
  });
}

function pathOf({ url }: HttpRequest): string {
  return URL.parse(url)?.pathname ?? '/';
}
