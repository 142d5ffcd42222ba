/** A trace as the tree of its parent links, drawn. */
import { attributes } from '../../src/telemetry/catalogue.ts';
import type { SeenSpan } from './collector.ts';

/** A span that a client made of its own, which it sends to nobody here. */
export interface ClientSpan {
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly name: string;
}

type Drawn = ClientSpan & Partial<SeenSpan>;

/** The parents that children name and nobody sent: of a worker that was killed. */
export function missingParents(spans: readonly Drawn[]): string[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  return [...new Set(spans.flatMap(({ parentId }) => (parentId && !known.has(parentId) ? [parentId] : [])))];
}

/** One line a span, below its parent and in the order they began; a span that has the same name as the one before is counted. */
export function drawTree(spans: readonly Drawn[]): string {
  const inOrder = spans.toSorted((a, b) => Number((a.startNs ?? 0n) - (b.startNs ?? 0n)));
  const below = (parentId: string | undefined, depth: number): string[] =>
    inOrder
      .filter((span) => span.parentId === parentId)
      .flatMap((span) => [`${'  '.repeat(depth)}${titleOf(span)}`, ...below(span.spanId, depth + 1)]);
  const lost = missingParents(spans).flatMap((id) => ['(killed before it was sent)', ...below(id, 1)]);
  return [...below(undefined, 0), ...lost].join('\n');
}

function titleOf({ name, attributes: told = {} }: Drawn): string {
  const attempt = told[attributes.attempt];
  const outcome = told[attributes.outcome];
  const status = told['http.response.status_code'];
  const isAttempt = name.startsWith('process') && attempt !== undefined;
  return [
    name,
    ...(isAttempt ? [`attempt ${attempt}`] : []),
    ...(outcome === undefined ? [] : [outcome]),
    ...(status === undefined ? [] : [status]),
  ].join(' · ');
}
