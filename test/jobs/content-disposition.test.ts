import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contentDisposition } from '../../src/jobs/content-disposition.ts';

test.each([
  ['profile.html', 'inline; filename="profile.html"'],
  ['a b (1).csv', 'inline; filename="a b (1).csv"'],
  ['../../etc/passwd', 'inline; filename=".._.._etc_passwd"'],
  ['a"; filename=b', 'inline; filename="a_; filename=b"'],
  ['a\r\nSet-Cookie: b', 'inline; filename="a__Set-Cookie: b"'],
  ["über's (1).csv", `inline; filename="_ber's (1).csv"; filename*=UTF-8''%C3%BCber%27s%20%281%29.csv`],
])('%j', (fileName, header) => {
  expect(contentDisposition('inline', fileName)).toBe(header);
});

test('a name is cut between characters', () => {
  expect(contentDisposition('attachment', `${'a'.repeat(149)}🐧`)).toBe(
    `attachment; filename="${'a'.repeat(149)}_"`,
  );
});

test('any text gives a header of printable ASCII, with one quoted name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (fileName) => {
      expect(contentDisposition('inline', fileName)).toMatch(
        /^inline; filename="[ !#-.0-[\]-~]*"(?:; filename\*=UTF-8''[\w!*'()~.%-]*)?$/,
      );
    }),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('\ud83d', '\udc27', 'é', 'x'), maxLength: 300 }),
      (fileName) => {
        expect(() => contentDisposition('inline', fileName)).not.toThrow();
      },
    ),
  );
});
