/** The operation `image-renditions`: an image in; out a zip of it in several widths and formats, with a manifest. */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { OperationError, type RequestOf, stream } from '../operation.ts';
import { workflow } from '../workflow.ts';
import { inspectImage } from './inspect-image.ts';
import { MOST_IMAGE_BYTES } from './limits.ts';
import { withSharp } from './open-sharp.ts';
import { params } from './params.ts';
import { type PlannedRendition, planRenditions } from './plan-renditions.ts';
import { renderRendition } from './render-rendition.ts';
import { manifestOf, noteOf, type Rendition, zipRenditions } from './zip-renditions.ts';

/** Of one job: more would only wait for a worker, and for another job's turn. */
const AT_ONCE = 4;
/** An activity waits for its turn among those of its instance, and the largest image takes a minute. */
const timeout = 1500;

const accepts = { 'image/jpeg': stream, 'image/png': stream, 'image/webp': stream } as const;

export const imageRenditions = workflow({
  name: 'image-renditions',
  summary: 'Renders an image in several widths and formats, into a zip with a manifest.',
  accepts,
  params,
  replies: ['application/zip'],
  activities: {
    inspect: {
      timeout,
      run: async (_input: undefined, { request, params: wanted, signal }) =>
        await withSharp(signal, async (sharp) => {
          const source = await inspectImage(sharp, await readImage(await request()));
          return { source, renditions: planRenditions(source, wanted) };
        }),
    },
    render: {
      timeout,
      run: async (planned: PlannedRendition, { request, params: { quality }, files, signal, log }) =>
        await withSharp(signal, async (sharp): Promise<Rendition> => {
          const image = await readImage(await request());
          const content = await renderRendition(sharp, image, planned, quality);
          await files.write(planned.name, content);
          log(`rendered ${planned.name}, ${content.length} bytes`);
          const sha256 = createHash('sha256').update(content).digest('hex');
          return { ...planned, bytes: content.length, sha256 };
        }),
    },
  },
  *orchestrate({ call, all, progress }) {
    const { source, renditions } = yield* call.inspect(undefined);
    const note = noteOf(source);
    const show = (done: number) =>
      progress(
        (100 * done) / renditions.length,
        `${done} of ${renditions.length} renditions${note === undefined ? '' : `, ${note}`}`,
      );
    const rendered: Rendition[] = [];
    while (rendered.length < renditions.length) {
      show(rendered.length);
      const group = renditions.slice(rendered.length, rendered.length + AT_ONCE);
      rendered.push(...(yield* all(group.map(call.render))));
    }
    show(rendered.length);
    return manifestOf(source, rendered);
  },
  reply: (manifest, { files }) => ({
    stream: zipRenditions(manifest, (name) => files.read(name)),
    contentType: 'application/zip',
    fileName: 'renditions.zip',
  }),
});

/** @throws {OperationError} before the first byte is read, where they would be too many */
async function readImage({ sizeBytes, body }: RequestOf<typeof accepts>): Promise<Buffer> {
  if (sizeBytes <= MOST_IMAGE_BYTES) return await buffer(body);
  body.destroy();
  throw new OperationError(`The image has ${sizeBytes} bytes; at most ${MOST_IMAGE_BYTES} are taken.`, {
    status: 413,
    code: 'image-too-large',
  });
}
