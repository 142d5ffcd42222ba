import { createHttpPoller, type OperationResponse, type OperationState } from '@azure/core-lro';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type PipelineRequestOptions,
  RestError,
} from '@azure/core-rest-pipeline';

/** A poller of the Azure SDKs. Its result is the reply, as a stream; what it throws says why there is none. */
export function startJob(
  startUrl: string,
  body: string,
  headers: Record<string, string>,
  pipeline = createPipelineFromOptions({}),
) {
  const httpClient = createDefaultHttpClient();

  async function send(options: PipelineRequestOptions): Promise<OperationResponse<NodeJS.ReadableStream>> {
    const request = createPipelineRequest({
      ...options,
      // Whatever its size, a reply is read as it arrives; a status document is not one.
      streamResponseStatusCodes: new Set(new URL(options.url).pathname.endsWith('/status') ? [] : [200]),
      allowInsecureConnection: options.url.startsWith('http://127.0.0.1:'),
    });
    const response = await pipeline.sendRequest(httpClient, request);
    if (response.status >= 400) {
      const message = response.bodyAsText || `The answer was ${response.status}.`;
      throw new RestError(message, { statusCode: response.status, request, response });
    }
    const answer = response.readableStreamBody ?? JSON.parse(response.bodyAsText ?? '');
    return {
      flatResponse: answer,
      rawResponse: { statusCode: response.status, headers: response.headers.toJSON(), body: answer, request },
    };
  }

  return createHttpPoller<NodeJS.ReadableStream, OperationState<NodeJS.ReadableStream>>({
    // The key goes with the start alone: the status monitor, and the reply behind it, need none.
    sendInitialRequest: () =>
      send({ method: 'POST', url: startUrl, body, headers: createHttpHeaders(headers) }),
    sendPollRequest: (url, options) => send({ url, ...options }),
  });
}
