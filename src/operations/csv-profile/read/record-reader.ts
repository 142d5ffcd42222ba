/**
 * Parses a CSV slice by slice. csv-parse cuts the records; what it does not do is here: checking the encoding and
 * the limits, and saying at which line and column a fault is.
 */
import { type Parser, parse } from 'csv-parse';
import type { OperationError } from '../../operation.ts';
import { MAX_COLUMNS, MAX_FIELD_BYTES, MAX_ROW_BYTES } from '../limits.ts';
import { type CsvFault, csvError } from './csv-error.ts';
import { findFault } from './find-fault.ts';
import { RecentBytes } from './recent-bytes.ts';
import { Utf8Check } from './utf8-check.ts';

const UTF_16_MARK = /^(?:\xff\xfe|\xfe\xff)/;
const QUOTE = 0x22;

export class RecordReader {
  readonly #delimiter: string;
  readonly #parser: Parser;
  readonly #utf8 = new Utf8Check();
  /** Records that the last slice completed. */
  #records: string[][] = [];
  #hasHeader = false;
  readonly #recent = new RecentBytes();
  /** Offset in the file behind the last complete record. */
  #recordEnd = 0;

  /** @param delimiter one ASCII character. */
  constructor(delimiter: string) {
    this.#delimiter = delimiter;
    this.#parser = parse({
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (record: string[], { bytes }) => {
        this.#records.push(record);
        this.#recordEnd = bytes;
        // For every record of another length than the first, csv-parse builds an error with a stack before it looks
        // whether that is allowed, at 30 us each. Told that each is the first, it takes its length as given.
        const info: { records: number } = this.#parser.info;
        info.records = 0;
        return null;
      },
    });
    // Failures are taken from the callbacks of write and end; without a listener they would end the process too.
    this.#parser.on('error', () => {});
  }

  /**
   * Parses the next slice of the file, which has no byte order mark, and returns the records that it completes.
   * @throws {OperationError} naming line and column.
   */
  async read(slice: Buffer): Promise<string[][]> {
    this.#recent.forgetUpTo(this.#recordEnd);
    this.#recent.push(slice);
    this.#refuseNotUtf8(this.#utf8.read(slice));
    await this.#parse((done) => this.#parser.write(slice, done));
    this.#refuseBeyondLimits();
    return this.#records;
  }

  /**
   * The records that the end of the file completes.
   * @throws {OperationError} naming line and column.
   */
  async end(): Promise<string[][]> {
    this.#recent.forgetUpTo(this.#recordEnd);
    this.#refuseNotUtf8(this.#utf8.end());
    await this.#parse((done) => this.#parser.end(done));
    this.#refuseBeyondLimits();
    if (!this.#hasHeader) throw csvError('csv-empty', { line: 1, column: 1 });
    return this.#records;
  }

  async #parse(parseMore: (done: (error?: Error | null) => void) => void): Promise<void> {
    this.#records = [];
    try {
      await new Promise<void>((resolve, reject) => {
        parseMore((error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      throw this.#faultIn(this.#recent.upTo()) ?? error;
    }
  }

  #refuseNotUtf8(fileOffset: number | undefined): void {
    if (fileOffset === undefined) return;
    const isUtf16 = UTF_16_MARK.test(this.#recent.upTo().toString('latin1', 0, 2)) && fileOffset === 0;
    const hint = isUtf16 ? '; they begin as UTF-16 does: save the file as UTF-8' : '';
    throw csvError('csv-not-utf-8', this.#recent.placeInFile(fileOffset), hint);
  }

  #refuseBeyondLimits(): void {
    const [first] = this.#records;
    if (first === undefined) {
      if (this.#recent.length <= MAX_ROW_BYTES) return;
      throw this.#faultIn(this.#recent.upTo()) ?? this.#error('csv-row-too-long', 0);
    }
    const isTooWide = !this.#hasHeader && first.length > MAX_COLUMNS;
    // So long a field can only stand in the first record of a slice: it began in an earlier one.
    if (isTooWide || this.#recent.length > MAX_FIELD_BYTES) {
      const error = this.#faultIn(this.#recent.upTo(this.#recordEnd));
      if (error !== undefined) throw error;
      // The one column too many is empty and ends the file.
      if (isTooWide) throw this.#error('csv-too-many-columns', this.#recent.length);
    }
    this.#hasHeader = true;
  }

  #faultIn(bytes: Buffer): OperationError | undefined {
    const fault = findFault(bytes, this.#delimiter.charCodeAt(0), !this.#hasHeader);
    return fault && this.#error(fault.code, fault.offset);
  }

  #error(code: CsvFault, offset: number): OperationError {
    const isQuoted = code === 'csv-field-too-long' && this.#recent.upTo()[offset] === QUOTE;
    return csvError(code, this.#recent.placeAt(offset), isQuoted ? '; is its quote ever closed?' : '');
  }
}
