/** What is wrong with a CSV, and where: the one place that words it for the client. */
import { OperationError } from '../../operation.ts';
import { MAX_COLUMNS, MAX_FIELD_BYTES, MAX_ROW_BYTES } from '../limits.ts';

/** A place in the file as editors count it: from 1, the column in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

const MIB = 1_048_576;
const faults = {
  'csv-empty': 'the body is empty: a CSV starts with a line of column names',
  'csv-not-utf-8': 'the bytes are not UTF-8 text',
  'csv-unclosed-quote': 'a quote opens here and is never closed',
  'csv-stray-quote': 'a quote in a field without quotes: put the field in quotes and double the ones inside',
  'csv-text-after-quote':
    'text after a closing quote: an earlier quote is not closed, or one inside the field is not doubled',
  'csv-field-too-long': `the field that starts here is longer than ${MAX_FIELD_BYTES / MIB} MiB`,
  'csv-row-too-long': `the row that starts here is longer than ${MAX_ROW_BYTES / MIB} MiB`,
  'csv-too-many-columns': `more than ${MAX_COLUMNS.toLocaleString('en-US')} columns`,
};

/** The codes of the errors below. */
export type CsvFault = keyof typeof faults;

/** @param hint said after what is wrong, where there is more to say. */
export function csvError(code: CsvFault, place: Place, hint = ''): OperationError {
  const where = `line ${place.line}, column ${place.column}`;
  return new OperationError(`${where}: ${faults[code]}${hint}`, { code });
}
