/** What a bench is, and what it is given. */
import type { Figure } from './figure.ts';

export interface Bench {
  /** By which it is asked for: `npm run bench -- NAME`; and its part of docs/performance.md is called `bench NAME`. */
  readonly name: string;
  /** One line: what it measures. */
  readonly title: string;
  /** What stands beside the app's figures, where that is not the floor. */
  readonly floorName?: string;
  /** Takes too long to run with the others: only where it is asked for. */
  readonly isOnlyByName?: boolean;
  run(context: BenchContext): Promise<readonly Figure[]>;
}

export interface BenchContext {
  /** The built app, as it is deployed. */
  readonly appEntry: string;
  /** The built floor (floor/main.ts). */
  readonly floorEntry: string;
  /** Only to see that it works: few and short rounds, whose figures say nothing. */
  readonly isQuick: boolean;
  /** Tells whoever watches how far it is. */
  readonly say: (line: string) => void;
}
