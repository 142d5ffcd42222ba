/** What csv-profile refuses, and that it says where: line and column as an editor counts them. */
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { profile, refusal } from './run-csv-profile.ts';

const MIB = 1_048_576;

describe('what is no CSV', () => {
  test.each([
    ['nothing', ''],
    ['a byte order mark', '\ufeff'],
    ['blank lines', '\n\r\n\n'],
  ])('a body of %s is refused as empty', async (_, csv) => {
    const error = await refusal(csv);
    expect(error).toMatchObject({ status: 422, code: 'csv-empty' });
    expect(error.message).toMatch(/^line 1, column 1: the body is empty/);
  });

  test('a stream without a single chunk is refused as empty', async () => {
    expect(await refusal(Readable.from([]))).toMatchObject({ status: 422, code: 'csv-empty' });
  });

  test.each([
    ['in the last row', 'a,b\n1,2\n3,"x\n4,5\n', 3, 3],
    ['in the header', '"a,b\n1,2\n', 1, 1],
    ['behind wide characters', 'a,b\n🐧é,"x\n', 2, 4],
    ['after CR LF', 'a,b\r\n1,2\r\n\r\n3,"x\r\n', 4, 3],
    ['after CR', 'a,b\r1,2\r3,"x\r', 3, 3],
    ['after a quoted line end', 'a,b\n"1\n\n2",2\n3,"x', 5, 3],
    ['at the very end', 'a,b\n1,"', 2, 3],
  ])('a quote that opens %s and never closes', async (_, csv, line, column) => {
    const error = await refusal(csv);
    expect(error).toMatchObject({ status: 422, code: 'csv-unclosed-quote' });
    expect(error.message).toMatch(`line ${line}, column ${column}: `);
  });

  test('the place of an unclosed quote is right far into a file', async () => {
    const error = await refusal(`a,b\n${'1,2\n'.repeat(30_000)}3,"x\n${'4,5\n'.repeat(30_000)}`);
    expect(error.message).toMatch('line 30002, column 3: ');
  });

  test('an unclosed quote that a later quote seems to close is refused where that shows', async () => {
    const error = await refusal('a,b\n1,"x\n2,"y"\n');
    expect(error).toMatchObject({ status: 422, code: 'csv-text-after-quote' });
    expect(error.message).toMatch('line 3, column 4: ');
  });

  test('a quote inside a field without quotes is refused', async () => {
    const error = await refusal('a,b\n1,5" pipe\n');
    expect(error).toMatchObject({ status: 422, code: 'csv-stray-quote' });
    expect(error.message).toMatch('line 2, column 4: ');
  });

  test.each([
    ['a stray continuation byte', [0x61, 0x2c, 0x62, 0x0a, 0x31, 0x2c, 0x80, 0x0a], 2, 3],
    ['Latin-1', [...Buffer.from('a,b\nZ\u00fcrich,1\n', 'latin1')], 2, 2],
    ['a character cut off by the end', [0x61, 0x0a, 0x31, 0xe2, 0x82], 2, 2],
    ['a surrogate', [0x61, 0x0a, 0xed, 0xa0, 0x80, 0x0a], 2, 1],
    ['an overlong form', [0x61, 0x0a, 0xc0, 0xaf], 2, 1],
  ])('%s is refused as not UTF-8, at its place', async (_, bytes, line, column) => {
    for (const chunks of [[Buffer.from(bytes)], bytes.map((byte) => Buffer.from([byte]))]) {
      const error = await refusal(Readable.from(chunks));
      expect(error).toMatchObject({ status: 422, code: 'csv-not-utf-8' });
      expect(error.message).toMatch(`line ${line}, column ${column}: the bytes are not UTF-8`);
    }
  });

  test('UTF-16 is refused with a hint', async () => {
    const error = await refusal(Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'));
    expect(error.message).toMatch(/^line 1, column 1: .*UTF-16/);
  });

  test('the place of bytes that are not UTF-8 is right far into a file, at any cut', async () => {
    for (const padding of ['', 'x', 'xx', 'xxx']) {
      const good = Buffer.from(`a${padding}\n${'1234567\n'.repeat(8191)}é€🐧`);
      const error = await refusal(Buffer.concat([good, Buffer.from([0xff, 0x0a])]));
      expect(error.message).toMatch('line 8193, column 4: ');
    }
  });
});

describe('limits', () => {
  test('a field of 1 MiB passes, one byte more is refused', async () => {
    expect(await profile(`a,b\n1,${'x'.repeat(MIB)}\n`)).toMatchObject({ rows: 1 });
    const error = await refusal(`a,b\n1,2\n3,${'x'.repeat(MIB + 1)}\n`);
    expect(error).toMatchObject({ status: 422, code: 'csv-field-too-long' });
    expect(error.message).toMatch('line 3, column 3: the field that starts here is longer than 1 MiB');
  });

  test('the limit counts bytes, not characters', async () => {
    expect(await refusal(`a\n${'é'.repeat(MIB / 2 + 1)}\n`)).toMatchObject({ code: 'csv-field-too-long' });
  });

  test('a quote that never closes is not read to the end of a long file', async () => {
    let sent = 0;
    const endless = Readable.from(
      (function* () {
        yield Buffer.from('a,b\n1,"');
        for (; ; sent += 65_536) yield Buffer.alloc(65_536, 'x\n');
      })(),
    );
    const error = await refusal(endless);
    expect(error).toMatchObject({ status: 422, code: 'csv-field-too-long' });
    expect(error.message).toMatch(/^line 2, column 3: .*is its quote ever closed/);
    expect(sent).toBeLessThan(6 * MIB);
  });

  test('a thousand columns pass, one more is refused', async () => {
    const header = (columns: number) => Array.from({ length: columns }, (_, i) => `c${i}`).join(',');
    expect((await profile(`${header(1000)}\n`)).columns).toHaveLength(1000);
    const error = await refusal(`\n${header(1001)}\n`);
    expect(error).toMatchObject({ status: 422, code: 'csv-too-many-columns' });
    expect(error.message).toMatch(`line 2, column ${header(1000).length + 2}: more than 1,000 columns`);
    expect((await refusal(`${header(1000)},`)).message).toMatch(
      `line 1, column ${header(1000).length + 2}: `,
    );
  });

  test.each([
    ['with names', (i: number) => `column ${i},`],
    ['without names', () => ','],
  ])('a million columns %s are refused, however long their line', async (_, name) => {
    const header = Array.from({ length: 1_000_000 }, (_, i) => name(i)).join('');
    expect(await refusal(header)).toMatchObject({ status: 422, code: 'csv-too-many-columns' });
  });

  test('an endless row of short fields is refused', async () => {
    let sent = 0;
    const endless = Readable.from(
      (function* () {
        yield Buffer.from('a,b\n1,2\n');
        for (; ; sent += 65_536) yield Buffer.alloc(65_536, ',');
      })(),
    );
    const error = await refusal(endless);
    expect(error).toMatchObject({ status: 422, code: 'csv-row-too-long' });
    expect(error.message).toMatch('line 3, column 1: ');
    expect(sent).toBeLessThan(6 * MIB);
  });

  test('any number of blank lines is no row, however long', async () => {
    expect(await profile(`a\n${'\n'.repeat(5 * MIB)}1\n`)).toMatchObject({ rows: 1 });
  });
});
