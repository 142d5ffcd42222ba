/** The way of an image through the operation's parts, without a workflow around them. */
import { inspectImage } from '../../../../src/operations/image-renditions/inspect-image.ts';
import { withSharp } from '../../../../src/operations/image-renditions/open-sharp.ts';
import { params } from '../../../../src/operations/image-renditions/params.ts';
import { planRenditions } from '../../../../src/operations/image-renditions/plan-renditions.ts';
import { renderRendition } from '../../../../src/operations/image-renditions/render-rendition.ts';
import { OperationError } from '../../../../src/operations/operation.ts';
import type { NamedFile } from './identify.ts';

const { signal } = new AbortController();

/** What is said of the image. */
export const inspect = (image: Buffer) => withSharp(signal, (sharp) => inspectImage(sharp, image));

/** What it is refused with. */
export async function refusal(image: Buffer): Promise<OperationError> {
  const outcome = await inspect(image).catch((error: unknown) => error);
  if (outcome instanceof OperationError) return outcome;
  throw new TypeError(`not refused but: ${JSON.stringify(outcome)}`);
}

/** Every rendition that the query asks for. */
export async function renditionsOf(image: Buffer, query: Record<string, string>): Promise<NamedFile[]> {
  const wanted = params.parse(query);
  return await withSharp(signal, async (sharp) => {
    const planned = planRenditions(await inspectImage(sharp, image), wanted);
    return await Promise.all(
      planned.map(async (rendition) => ({
        name: rendition.name,
        content: await renderRendition(sharp, image, rendition, wanted.quality),
      })),
    );
  });
}
