/** The options of a command of the repository's own: what is wrong with them is said in one line, and ends it with code 2. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** @param command as somebody types it, `npm run bench` */
export function readOptions<T extends ParseArgsConfig>(
  command: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const known = Object.keys(config.options ?? {}).map((name) => `--${name}`);
    // Only the first sentence: the rest explains how to write a positional argument that looks like an option.
    const [what] = (error as Error).message.split('. ');
    return refuse(`${what?.replace(/\.$/, '')}. ${command} takes ${known.join(', ')}.`);
  }
}

/** A whole number that an option gives. */
export function wholeNumber(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  return refuse(`${option} is '${text}'; it wants a whole number.`);
}

/** Ends the process. */
export function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}
