/**
 * The jobs as storage saw them: every write that storage did, put in order by the ETags, and held to section 2 of
 * docs/design.md. The order of the answers would not do: two of them may overtake each other on their way.
 *
 *   (none) ──create, If-None-Match: *──▶ Pending ──write, If-Match: the ETag before──▶ Pending | Succeeded | Failed | Canceled
 *   any ──Delete Blob──▶ (none)
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { StorageAnswer } from '../storage-proxy.ts';
import type { Report } from './finding.ts';

/** A job as its last write left it. */
export interface JobEntry {
  readonly etag: string;
  readonly state: string;
  readonly attempt: number;
  readonly limit: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface JobLedger {
  observe(answer: StorageAnswer): void;
  /** Undefined for a job that was never there, or is gone. */
  entry(ref: string): JobEntry | undefined;
  /** Reports the writes that fit nowhere. */
  close(): void;
}

interface Write {
  readonly operation: string;
  readonly after: string | 'nothing' | undefined;
  readonly entry: JobEntry;
}

interface Line {
  head: JobEntry | undefined;
  /** As it was when it was deleted: an answer on its way may belong before. */
  gone: JobEntry | undefined;
  published: number;
  waiting: Write[];
}

/** What no write of a job changes. */
const FIXED = ['operation', 'created', 'retention', 'params', 'fingerprint', 'v'];
const WRITES = new Set(['Put Blob', 'Put Block List', 'Set Blob Metadata']);

export function jobLedger(report: Report): JobLedger {
  const lines = new Map<string, Line>();

  function observe({ call, status, asked, answered }: StorageAnswer): void {
    const ref = /^\/[^/]+\/jobs\/([\w-]{43})(?:\?|$)/.exec(call.path)?.[1];
    if (ref === undefined || status < 200 || status > 299) return;
    const line = lines.get(ref) ?? { head: undefined, gone: undefined, published: 0, waiting: [] };
    lines.set(ref, line);
    if (call.operation === 'Delete Blob') {
      line.gone = line.head ?? line.gone;
      line.head = undefined;
      line.published = 0;
    } else if (WRITES.has(call.operation)) {
      const ifMatch = asked['if-match'];
      const after = asked['if-none-match'] === '*' ? 'nothing' : ifMatch;
      line.waiting.push({ operation: call.operation, after, entry: entryOf(asked, answered) });
    } else return;
    settle(ref, line);
  }

  /** Takes what waits, as long as one of it fits. */
  function settle(ref: string, line: Line): void {
    for (;;) {
      const index = line.waiting.findIndex(({ after }) => fits(after, line));
      const [write] = index < 0 ? [] : line.waiting.splice(index, 1);
      if (write === undefined) return;
      take(ref, line, write);
    }
  }

  function take(ref: string, line: Line, { operation, after, entry }: Write): void {
    const before = after === 'nothing' ? undefined : line.head?.etag === after ? line.head : line.gone;
    const isBeforeDelete = before !== undefined && before !== line.head;
    if (standsForNoJob(entry)) {
      if (before !== undefined) report('torn', ref, `${operation} of no job over ${before.state}`);
    } else if (before === undefined || standsForNoJob(before)) {
      if (entry.state !== 'Pending' || entry.attempt !== 1)
        report('unexplained', ref, `${operation} created it as ${entry.state} ${entry.attempt}`);
    } else checkChange(ref, line, operation, before, entry);
    if (isBeforeDelete) line.gone = entry;
    else line.head = entry;
  }

  function checkChange(ref: string, line: Line, operation: string, before: JobEntry, now: JobEntry): void {
    const change = `${operation}: ${before.state} ${before.attempt} to ${now.state} ${now.attempt}`;
    if (before.state !== 'Pending') report('changed after its end', ref, change);
    if (now.state === 'Succeeded') {
      line.published += 1;
      if (line.published > 1) report('published twice', ref, change);
    }
    // Reply and state go together: content is written with `Succeeded`, and with nothing else.
    if ((operation === 'Set Blob Metadata') === (now.state === 'Succeeded')) report('torn', ref, change);
    if (now.attempt < before.attempt || now.attempt > before.attempt + 1) report('unexplained', ref, change);
    if (now.attempt > now.limit || now.limit < before.limit)
      report('unexplained', ref, `${change}, limit ${before.limit} to ${now.limit}`);
    for (const name of FIXED) {
      if (before.metadata[name] !== now.metadata[name])
        report('unexplained', ref, `${change}, ${name} changed`);
    }
  }

  return {
    observe,
    entry: (ref) => lines.get(ref)?.head,
    close() {
      for (const [ref, { waiting }] of lines) {
        for (const { operation, after } of waiting)
          report('unexplained', ref, `${operation} after ${after ?? 'anything'}, which nobody saw`);
      }
    },
  };
}

/** Blocks that were given up: until they are deleted, a canceled job of no operation, whose time is over. */
function standsForNoJob({ state, metadata }: JobEntry): boolean {
  return state === 'Canceled' && metadata.operation === 'none';
}

function fits(after: Write['after'], { head, gone }: Line): boolean {
  if (after === 'nothing') return head === undefined;
  return after !== undefined && (after === head?.etag || (after === gone?.etag && head === undefined));
}

function entryOf(asked: IncomingHttpHeaders, answered: IncomingHttpHeaders): JobEntry {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(asked)) {
    if (name.startsWith('x-ms-meta-')) metadata[name.slice('x-ms-meta-'.length)] = String(value);
  }
  return {
    etag: answered.etag ?? '',
    state: metadata.state ?? '',
    attempt: Number(metadata.attempt ?? 0),
    limit: Number(metadata.limit ?? 0),
    metadata,
  };
}
