/** How the bytes of a CSV become rows and columns: marks, line ends, quotes, delimiters, headers, ragged rows. */
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { csvProfile } from '../../../src/operations/csv-profile/index.ts';
import { firstColumn, profile, run } from './run-csv-profile.ts';

const names = async (csv: string, params = {}) =>
  (await profile(csv, { params })).columns.map(({ name }) => name);
const values = async (csv: string, params = {}) => {
  const { columns } = await profile(csv, { params });
  return columns.map(({ top }) => top.map(({ value }) => value));
};

test('the reply is JSON with a file name', async () => {
  expect(await run('a\n1\n')).toMatchObject({ json: { rows: 1, bytes: 4 }, fileName: 'profile.json' });
});

describe('bytes and lines', () => {
  test('a byte order mark is no part of the first name, and counts as bytes', async () => {
    expect(await profile('\ufeffa,b\n1,2\n')).toMatchObject({
      bytes: 11,
      columns: [{ name: 'a' }, { name: 'b' }],
    });
  });

  test('a byte order mark cut in two by chunks is still one', async () => {
    const [start, rest] = [Buffer.from([0xef, 0xbb]), Buffer.from([0xbf, 0x61, 0x0a, 0x31])];
    expect(await profile(Readable.from([start, rest]))).toMatchObject({ rows: 1, columns: [{ name: 'a' }] });
  });

  test('a byte order mark before a quoted name is fine', async () => {
    expect(await names('\ufeff"a,b",c\n1,2\n')).toEqual(['a,b', 'c']);
  });

  test.each([
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r'],
  ])('lines may end with %s', async (_, end) => {
    expect(await values(['a,b', '1,2', '3,4', ''].join(end))).toEqual([
      ['1', '3'],
      ['2', '4'],
    ]);
  });

  test('line ends may change within a file', async () => {
    expect(await profile('a,b\n1,2\r\n3,4\n5,6\r\n')).toMatchObject({ rows: 3, ragged: 0 });
  });

  test('the last line needs no end', async () => {
    expect(await profile('a,b\n1,2')).toMatchObject({ rows: 1, ragged: 0 });
  });

  test('blank lines are no rows, wherever they are', async () => {
    expect(await profile('\n\r\na,b\n\n1,2\n\n\n3,4\n\n')).toMatchObject({ rows: 2, ragged: 0 });
  });

  test('a line of nothing but a quoted empty field is a row with a null', async () => {
    expect(await firstColumn('a\n""\n\nx\n')).toMatchObject({ count: 1, nulls: 1 });
  });

  test('quoted fields hold delimiters, doubled quotes and line ends', async () => {
    expect(await values('a,b\n"x,1","say ""hi"""\n"two\nlines","and\r\nmore"\n')).toEqual([
      ['x,1', 'two\nlines'],
      ['say "hi"', 'and\r\nmore'],
    ]);
  });

  test('text beyond ASCII is kept, wherever chunks cut it', async () => {
    const csv = Buffer.from('naïve,日本\nZürich,🐧\n');
    const bytes = [...csv].map((byte) => Buffer.from([byte]));
    const { columns } = await profile(Readable.from(bytes));
    expect(columns).toMatchObject([
      { name: 'naïve', top: [{ value: 'Zürich' }] },
      { name: '日本', top: [{ value: '🐧' }] },
    ]);
  });

  test('a body of strings is read too', async () => {
    expect(await profile(Readable.from(['a,b\n', '1,2\n']))).toMatchObject({ rows: 1, bytes: 8 });
  });
});

describe('delimiters', () => {
  test.each([
    ['comma', ','],
    ['semicolon', ';'],
    ['tab', '\t'],
    ['pipe', '|'],
  ])('a %s is found from the header line', async (_, delimiter) => {
    expect(await names(`a${delimiter}b${delimiter}c\n1,5;2,5|3\t4\n`)).toEqual(['a', 'b', 'c']);
  });

  test.each([
    [';', ';'],
    ['semicolon', ';'],
    ['\t', '\t'],
    ['tab', '\t'],
    ['|', '|'],
    ['pipe', '|'],
    [',', ','],
    ['comma', ','],
  ])('?delimiter=%j decides over the header line', async (param, delimiter) => {
    expect(await names(`a,b;c\td|e${delimiter}f\n`, { delimiter: param })).toContain('f');
    expect(await names('a,b,c,d;e\n', { delimiter: ';' })).toEqual(['a,b,c,d', 'e']);
  });

  test('delimiters inside quoted names do not mislead', async () => {
    expect(await names('"a,b,c,d";e;f\n')).toEqual(['a,b,c,d', 'e', 'f']);
  });

  test('blank lines before the header do not mislead', async () => {
    expect(await names('\n\n\na;b\n1,2,3;4\n')).toEqual(['a', 'b']);
  });

  test('a header without any of them is one column', async () => {
    expect(await names('only\n1\n')).toEqual(['only']);
  });
});

describe('the header', () => {
  test('duplicate names get _2, _3', async () => {
    expect(await names('a,b,a,a,b\n')).toEqual(['a', 'b', 'a_2', 'a_3', 'b_2']);
  });

  test('a name that the header has already is not given again', async () => {
    expect(await names('a,a_2,a,a\n')).toEqual(['a', 'a_2', 'a_3', 'a_4']);
    expect(await names('a,a,a_2,a_2\n')).toEqual(['a', 'a_3', 'a_2', 'a_2_2']);
  });

  test('empty names stay empty, and are told apart', async () => {
    expect(await names('a,,\n')).toEqual(['a', '', '_2']);
  });

  test('names of the object prototype are ordinary names', async () => {
    expect(await names('__proto__,constructor,__proto__\n')).toEqual([
      '__proto__',
      'constructor',
      '__proto___2',
    ]);
  });

  test('a header without rows is a profile without values', async () => {
    const column = { type: 'string', count: 0, nulls: 0, distinct: 0, distinctIsExact: true, top: [] };
    expect(await profile('a,b')).toEqual({
      rows: 0,
      bytes: 3,
      ragged: 0,
      columns: [
        { name: 'a', ...column },
        { name: 'b', ...column },
      ],
    });
  });
});

describe('ragged rows', () => {
  test('what is missing is null, what is too much counts nowhere, and both rows count as ragged', async () => {
    const result = await profile('a,b\n1\n2,3\n4,5,6\n7,8,\n');
    expect(result).toMatchObject({ rows: 4, ragged: 3 });
    expect(result.columns).toMatchObject([
      { count: 4, nulls: 0, max: 7 },
      { count: 3, nulls: 1, max: 8 },
    ]);
  });

  test('cost no more than others', async () => {
    const rows = 50_000;
    const started = performance.now();
    await profile(`a,b\n${'1\n'.repeat(rows)}`);
    // csv-parse alone would take 30 us for each, 1.5 s in all; see RecordReader.
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('nulls', () => {
  test('?nulls= adds texts to the empty one, exactly as they are', async () => {
    const column = await firstColumn('a\nNA\nnull\nna\n"NA"\n NA\n""\nx\n', { params: { nulls: 'NA,null' } });
    expect(column).toMatchObject({ count: 3, nulls: 4, distinct: 3 });
  });

  test('?nulls= may be repeated', async () => {
    expect(await firstColumn('a\n-\nNA\n5\n', { params: { nulls: ['-', 'NA'] } })).toMatchObject({
      type: 'integer',
      count: 1,
      nulls: 2,
    });
  });

  test('without it NA is text', async () => {
    expect(await firstColumn('a\nNA\n5\n')).toMatchObject({ type: 'string', count: 2, nulls: 0 });
  });
});

test.each([
  [{ format: 'xml' }],
  [{ delimiter: 'x' }],
  [{ delimiter: '' }],
  [{ delimiter: [',', ';'] }],
  [{ nulls: 5 }],
])('the schema refuses %j', (params) => {
  expect(csvProfile.params?.safeParse(params)).toMatchObject({ success: false });
});
