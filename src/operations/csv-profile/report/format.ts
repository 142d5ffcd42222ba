/** How figures, dates and long values are written in the report. */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0, useGrouping: 'min2' });
const fractional = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6, useGrouping: 'min2' });
const DAY_MS = 86_400_000;

/** At most six significant digits, whole numbers in full; four digits, as of a year, are not grouped. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(3);
  return (Number.isInteger(value) ? whole : fractional).format(value).replace('-', '\u2212');
}

/** A share of a total in per cent, never 0 % or 100 % where that is not the whole truth. */
export function formatShare(part: number, total: number): string {
  if (total === 0 || part === 0) return '0%';
  const percent = (100 * part) / total;
  if (percent < 0.1) return '<0.1%';
  if (part < total && percent > 99.9) return '>99.9%';
  return `${percent.toFixed(percent < 10 && percent % 1 !== 0 ? 1 : 0)}%`;
}

/** A file's length in the unit that suits it. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1000;
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 2 : 1)} ${units[unit]}`;
}

/** Writes a moment: the day alone where every moment of its column is a day. */
export function dateFormat(earliest: number, latest: number): (epochMilliseconds: number) => string {
  const areDays = earliest % DAY_MS === 0 && latest % DAY_MS === 0;
  return (epochMilliseconds) => {
    const date = new Date(epochMilliseconds);
    if (Number.isNaN(date.getTime())) return '';
    const text = date.toISOString();
    const timeAt = text.indexOf('T');
    return areDays ? text.slice(0, timeAt) : `${text.slice(0, timeAt)} ${text.slice(timeAt + 1, timeAt + 6)}`;
  };
}

/** At most `length` characters, the last an ellipsis where there were more. */
export function shorten(text: string, length: number): string {
  // Two UTF-16 units a character at most: enough to see whether it is longer without splitting all of it.
  const characters = [...text.slice(0, 2 * length + 2)];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}\u2026`;
}
