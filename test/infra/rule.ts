import type { Template } from './arm.ts';

/** What must be true of a template, and the change of its Bicep that makes it untrue. */
export interface Rule {
  readonly file: string;
  readonly says: string;
  /** Stands in the file once. */
  readonly text: string;
  /** What stands there instead; default: nothing. */
  readonly instead?: string;
  readonly check: (template: Template) => void;
}
