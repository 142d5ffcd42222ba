/** The order of the steps, and what is said of them. */
import { expect, test } from '@jest/globals';
import { imageRenditions } from '../../../src/operations/image-renditions/index.ts';
import { type AnswerCall, playWorkflow } from '../support/played-workflow.ts';

const plannedOf = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `${index}.webp` }));
const answering =
  (count: number, frames: number): AnswerCall =>
  ({ activity, input }) =>
    activity === 'inspect'
      ? { source: { format: 'webp', width: 9, height: 6, frames }, renditions: plannedOf(count) }
      : { ...(input as object), bytes: 1, sha256: 'aa' };

test('inspects, then renders four at a time, and says so as they are done', () => {
  const { steps, progress, replyInput } = playWorkflow(imageRenditions, {}, answering(10, 1));
  expect(steps.map((step) => (step.kind === 'call' ? step.activity : step.calls.length))).toEqual([
    'inspect',
    4,
    4,
    2,
  ]);
  expect(progress).toEqual([
    [0, '0 of 10 renditions'],
    [40, '4 of 10 renditions'],
    [80, '8 of 10 renditions'],
    [100, '10 of 10 renditions'],
  ]);
  expect(replyInput).toMatchObject({
    renditions: plannedOf(10).map((planned) => ({ ...planned, bytes: 1 })),
  });
});

test('says of an animation that the renditions are of its first frame', () => {
  const { progress, replyInput } = playWorkflow(imageRenditions, {}, answering(1, 3));
  expect(progress.at(-1)).toEqual([100, '1 of 1 renditions, of the first of 3 frames']);
  expect(replyInput).toMatchObject({ note: 'of the first of 3 frames' });
});

test('an image that is refused is not rendered at all', () => {
  const refused = new Error('damaged');
  const steps: string[] = [];
  const play = () =>
    playWorkflow(imageRenditions, {}, ({ activity }) => {
      steps.push(activity);
      throw refused;
    });
  expect(play).toThrow(refused);
  expect(steps).toEqual(['inspect']);
});
