/**
 * The type rules, all of them. They look at the text of one non-null value; spaces around it do not count.
 *
 * | type | what the text is |
 * |---|---|
 * | integer | digits, optionally signed, no leading zero: `0`, `-12`, `+3`. `007` is an identifier, so a string |
 * | number | an integer, or with a decimal point or exponent: `1.0`, `.5`, `5.`, `1e-3`. Nothing beyond a double's range |
 * | boolean | `true` or `false` in any case |
 * | date | ISO 8601, extended form, a day that exists: `2024-02-29`, `2024-02-29T23:59`, with seconds, a fraction, and `Z` |
 * |      | or an offset; a space may stand for the `T`. A time without zone is read as UTC |
 * | string | everything else |
 *
 * A column has the type of all its non-null values: integers among numbers make numbers, any other mixture and a
 * column without values make strings. Nothing is guessed from samples.
 */
export type ColumnType = 'integer' | 'number' | 'boolean' | 'date' | 'string';

/** A set of value types: the kinds of several values joined with `|`. */
export type Kinds = number;

export const INTEGER: Kinds = 1;
const NUMBER: Kinds = 2;
const BOOLEAN: Kinds = 4;
export const DATE: Kinds = 8;
export const STRING: Kinds = 16;

const NUMERIC = INTEGER | NUMBER;
const INTEGER_TEXT = /^[+-]?(?:0|[1-9]\d*)$/;
const NUMBER_TEXT = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const BOOLEAN_TEXT = /^(?:true|false)$/i;
const DATE_TEXT =
  /^\d{4}-\d\d-\d\d(?:[Tt ]([01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:[.,]\d+)?)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?$/;
const LONGEST_BOOLEAN = 'false'.length;
const LONGEST_DATE = 64;
const [ZERO, PLUS, MINUS, POINT] = [48, 43, 45, 46];

/** The largest power of ten up to which an integer of 15 digits is divided without rounding twice. */
const EXACT_POWERS = Array.from({ length: 16 }, (_, digits) => 10 ** digits);
const isDigit = (code: number) => code >= 48 && code <= 57;
const isSpace = (code: number) => code === 32 || code === 9;

/**
 * Reads one value after another into `kind` and `measure`, which stay until the next: no object for each of millions
 * of fields.
 */
export class ValueReader {
  kind: Kinds = STRING;
  /** The value's place on its scale: the number, or milliseconds since 1970 for a date. NaN for other kinds. */
  measure = Number.NaN;

  /** @param text not empty. */
  read(text: string): void {
    if (this.#readPlainNumber(text)) return;
    const isPadded = isSpace(text.charCodeAt(0)) || isSpace(text.charCodeAt(text.length - 1));
    const trimmed = isPadded ? text.replace(/^[ \t]+|[ \t]+$/g, '') : text;
    this.kind = kindOf(trimmed);
    if ((this.kind & NUMERIC) !== 0) this.measure = Number(trimmed);
    else this.measure = this.kind === DATE ? epochMilliseconds(trimmed) : Number.NaN;
  }

  /** Most numbers in one pass: up to 15 digits, no exponent. Returns false for whatever else there is. */
  #readPlainNumber(text: string): boolean {
    const first = text.charCodeAt(0);
    const isSigned = first === MINUS || first === PLUS;
    let at = isSigned ? 1 : 0;
    if (text.length - at > 16 || (text.charCodeAt(at) === ZERO && isDigit(text.charCodeAt(at + 1))))
      return false;
    let mantissa = 0;
    let digits = 0;
    let point = -1;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === POINT && point === -1) point = at;
      else if (isDigit(code)) {
        mantissa = mantissa * 10 + (code - ZERO);
        digits++;
      } else return false;
    }
    if (digits === 0 || digits > 15) return false;
    this.kind = point === -1 ? INTEGER : NUMBER;
    const decimals = point === -1 ? 0 : text.length - point - 1;
    const size = mantissa / (EXACT_POWERS[decimals] ?? 1);
    this.measure = first === MINUS ? -size : size;
    return true;
  }
}

/** The kind of one value, by the table above. @param text without spaces around it. */
function kindOf(text: string): Kinds {
  const first = text.charCodeAt(0);
  if (isDigit(first) || first === PLUS || first === MINUS || first === POINT) {
    if (INTEGER_TEXT.test(text)) return Number.isFinite(Number(text)) ? INTEGER : STRING;
    if (NUMBER_TEXT.test(text)) return Number.isFinite(Number(text)) ? NUMBER : STRING;
    if (text.length <= LONGEST_DATE && DATE_TEXT.test(text) && isRealDay(text)) return DATE;
    return STRING;
  }
  return text.length <= LONGEST_BOOLEAN && BOOLEAN_TEXT.test(text) ? BOOLEAN : STRING;
}

/** The type of a column whose values are of these kinds. */
export function typeOf(kinds: Kinds): ColumnType {
  if (kinds === INTEGER) return 'integer';
  if (kinds === NUMBER || kinds === NUMERIC) return 'number';
  if (kinds === BOOLEAN) return 'boolean';
  if (kinds === DATE) return 'date';
  return 'string';
}

/** Whether values of these kinds lie on one scale: all numbers, or all dates. */
export const areMeasurable = (kinds: Kinds) => kinds === DATE || (kinds !== 0 && (kinds & ~NUMERIC) === 0);

const digits = (text: string, from: number, to: number) => Number(text.slice(from, to));

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isRealDay(text: string): boolean {
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(digits(text, 0, 4), month);
}

function epochMilliseconds(text: string): number {
  const day = new Date(0).setUTCFullYear(digits(text, 0, 4), digits(text, 5, 7) - 1, digits(text, 8, 10));
  if (text.length === 10) return day;

  const minutes = digits(text, 11, 13) * 60 + digits(text, 14, 16);
  const seconds = /^:(\d\d(?:[.,]\d+)?)/.exec(text.slice(16))?.[1]?.replace(',', '.') ?? '0';
  const offset = /([+-])(\d\d):?(\d\d)$/.exec(text.slice(16));
  const offsetMinutes = offset === null ? 0 : Number(offset[2]) * 60 + Number(offset[3]);
  const towardsUtc = offset?.[1] === '-' ? offsetMinutes : -offsetMinutes;
  return day + (minutes + towardsUtc) * 60_000 + Number(seconds) * 1000;
}
