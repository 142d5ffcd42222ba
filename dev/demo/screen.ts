/** What the demo writes to: colours and a progress bar on a terminal, plain lines everywhere else. */
import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

const BAR_CHARACTERS = 24;

export interface Screen {
  /** Writes a line that stays. */
  line(text?: string): void;
  /** Draws the bar below the lines, in the place of the last one. Without a terminal: nothing. */
  bar(percentComplete: number, text: string): void;
  heading(text: string): string;
  /** What counts in a line. */
  strong(text: string): string;
  /** What need not be read. */
  faint(text: string): string;
}

/** NO_COLOR takes the colours away, CI and a terminal that cannot move its cursor take the bar away. */
export function openScreen(stream: WriteStream, environment = process.env): Screen {
  const hasBar = stream.isTTY && !environment.CI && environment.TERM !== 'dumb';
  let isBarDrawn = false;
  const removeBar = () => {
    if (!isBarDrawn) return;
    cursorTo(stream, 0);
    clearLine(stream, 0);
    isBarDrawn = false;
  };
  const styled = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    styleText(format, text, { stream });

  return {
    line(text = '') {
      removeBar();
      stream.write(`${text}\n`);
    },
    bar(percentComplete, text) {
      if (!hasBar) return;
      removeBar();
      const done = Math.round((BAR_CHARACTERS * percentComplete) / 100);
      const drawn = `${'█'.repeat(done)}${'░'.repeat(BAR_CHARACTERS - done)}`;
      stream.write(`   ${drawn} ${String(percentComplete).padStart(3)} %  ${text}`);
      isBarDrawn = true;
    },
    heading: styled('bold'),
    strong: styled('cyan'),
    faint: styled('dim'),
  };
}
