import { describe, expect, test } from '@jest/globals';
import { type Log, logs } from '../src/logs.ts';

/** What would begin a line of its own, or have a terminal do something. */
const HOSTILE = 'x\r\n2026-01-01 job succeeded {"ref":"forged"}\u0000\u001b[2J';

describe('what comes from outside begins no line of its own', () => {
  test.each(Object.entries(logs))('%s', (name, write) => {
    const lines: string[] = [];
    const take = (line: string) => lines.push(line);
    const log: Log = { info: take, warn: take, error: take };
    const facts = { ref: HOSTILE, operation: HOSTILE, function: HOSTILE, queue: HOSTILE };
    const error = new Error(HOSTILE, { cause: new Error(HOSTILE) });
    const last = name === 'attemptSaid' ? HOSTILE : error;
    (write as (log: Log, facts: unknown, more: unknown) => void)(log, facts, last);
    expect(lines).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that must not be there
    expect(lines[0]).not.toMatch(/[\u0000-\u001f]/);
  });
});
