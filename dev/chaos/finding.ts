/** What a run looks for: nothing of it may ever be found. */

export const FINDINGS = [
  'lost',
  'not theirs',
  'torn',
  'published twice',
  'changed after its end',
  'unexplained',
] as const;

export interface Finding {
  readonly what: (typeof FINDINGS)[number];
  readonly ref: string;
  readonly detail: string;
}

export type Report = (what: Finding['what'], ref: string, detail: string) => void;
