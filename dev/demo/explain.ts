/** What stands above each step of the demo. */
import type { Screen } from './screen.ts';

export type Explain = (title: string, ...text: readonly string[]) => void;

export const explainOn =
  (screen: Screen): Explain =>
  (title, ...text) => {
    screen.line();
    screen.line(screen.heading(title));
    for (const line of text) screen.line(`   ${screen.faint(line)}`);
  };
