/** The HTML report: self-contained, a plot for every column, and no value of a file becomes markup. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { report, run } from './run-csv-profile.ts';

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;
const penguins = readFileSync('samples/penguins.csv');

const hostile = [
  '<script>alert(1)</script>',
  '</svg></style><img src=x onerror=alert(2)>',
  '"><svg onload=alert(3)>',
  "' onmouseover='alert(4)",
  '&lt;b&gt; &amp;',
  'nul \u0000 and \u001b[31m red \u007f \u0085',
  '\u202eright to left\u2066 \u200bhidden \ufeff',
  '\x24{alert(5)} {{alert(6)}} <!-- -->',
  ']]><![CDATA[',
];

describe('as a reply', () => {
  test('is HTML in UTF-8 with a file name', async () => {
    expect(await run('a\n1\n', { params: { format: 'html' } })).toMatchObject({
      contentType: 'text/html; charset=utf-8',
      fileName: 'profile.html',
      text: expect.stringMatching(/^<!doctype html>\n<html lang="en">\n<meta charset="utf-8">/),
    });
  });

  test('needs nothing from elsewhere and runs nothing', async () => {
    const page = await report(penguins, { nulls: 'NA' });
    expect(page).not.toMatch(
      /https?:|\/\/|<script|<link|<img|<iframe|<object|@import|url\(|\son\w+=|javascript:/i,
    );
    expect(page).toContain('content="default-src &#39;none&#39;; ');
  });

  test('fits a phone and the dark', async () => {
    const page = await report('a\n1\n');
    expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(page).toContain('color-scheme: light dark');
    expect(page).toContain('@media (prefers-color-scheme: dark)');
  });

  test('has every element closed, and every anchor at its card', async () => {
    const page = await report(penguins, { nulls: 'NA' });
    for (const tag of [
      'article',
      'svg',
      'text',
      'title',
      'g',
      'dl',
      'dd',
      'table',
      'tr',
      'td',
      'bdi',
      'details',
    ]) {
      expect(count(page, new RegExp(`<${tag}[ >]`, 'g'))).toBe(count(page, new RegExp(`</${tag}>`, 'g')));
    }
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g))
      expect(page).toContain(`<article class="card" id="${id}">`);
  });
});

describe('a plot', () => {
  test('stands on every card, whatever its type', async () => {
    const page = await report('i,n,b,d,s,e\n1,1.5,true,2024-01-01,x,\n2,2.5,false,2024-03-01,y,\n');
    expect(count(page, /<article class="card"/g)).toBe(6);
    expect(count(page, /<svg class="plot"/g)).toBe(6);
    expect(page).toContain('no values');
  });

  test('of numbers has a bar for each bin, and marks the middle half and the median', async () => {
    const page = await report('a\n1\n2\n2\n3\n');
    expect(count(page, /<rect class="bar"/g)).toBe(3);
    expect(page).toContain('<title>2 to 3: 2</title>');
    expect(count(page, /class="median"/g)).toBe(1);
  });

  test('of dates goes from the earliest to the latest', async () => {
    const page = await report('a\n2024-01-01\n2024-12-31\n2024-06-01T12:00Z\n');
    expect(page).toMatch(/earliest<\/dt><dd>2024-01-01</);
    expect(page).toMatch(/latest<\/dt><dd>2024-12-31</);
    expect(page).toContain('aria-label="Histogram from 2024-01-01 to 2024-12-31"');
    expect(page.match(/(?<=<text class="tick"[^>]*>)[^<]*/g)).toEqual(['2024-01-01', '2024-12-31']);
    const titles = page.match(/(?<=<title>)\d{4}-[^<]*/g) ?? [];
    expect(titles.at(0)).toMatch(/^2024-01-01 to 2024-/);
    expect(titles.at(-1)).toMatch(/ to 2024-12-31: 1$/);
    expect(count(page, /<rect class="bar"/g)).toBeGreaterThan(2);
  });

  test('of a header without rows says that there are no values', async () => {
    const page = await report('a,b\n');
    expect(count(page, /no values/g)).toBe(2);
    expect(page).not.toMatch(/NaN|Infinity|undefined|null<|Invalid/);
  });

  test('holds only finite numbers, at the ends of what a double holds too', async () => {
    const page = await report('a,b,c,d\n-1.7e308,0,5e-324,0001-01-01\n1.7e308,0,1,9999-12-31\n');
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('values of the file', () => {
  test.each(hostile)('%j as a name and as a value is shown, not obeyed', async (text) => {
    const quoted = `"${text.replaceAll('"', '""')}"`;
    const page = await report(`${quoted}\n${quoted}\n`);
    const plain = await report('name\nvalue\n');
    const tags = (html: string) => html.match(/<[!/a-z][^\s>]*/gi);
    expect(tags(page)).toEqual(tags(plain));
    expect(page).not.toMatch(/\son\w+=(?!.*&#39;)[^&]*>/);
    expect(page).not.toMatch(/[^\P{Cc}\n]|[\u200b\u202a-\u202e\u2066-\u2069\ufeff]/u);
  });

  test('show control characters and overrides by name', async () => {
    const page = await report('a\n"x\u0000y\u202ez"\n');
    expect(page).toContain('x\u2400y\u2039U+202E\u203az');
  });

  test('keep letters of any script, joiners and emoji', async () => {
    for (const text of ['שלום', 'می\u200cخواهم', '👩\u200d🔬', 'naïve']) {
      expect(await report(`a\n${text}\n`)).toContain(text);
    }
  });

  test('are shortened where they are long, whole characters at a time', async () => {
    const page = await report(`${'n'.repeat(5000)}\n${'🐧'.repeat(5000)}\n`);
    expect(page.length).toBeLessThan(12_000);
    expect(page).toContain(`${'🐧'.repeat(20)}`);
    expect(page).not.toMatch(/\ufffd|U\+D8/);
  });

  test('without a name are still named', async () => {
    expect(await report('a,\n1,2\n')).toContain('(no name)');
  });
});

test('what is estimated is said to be', async () => {
  const rows = Array.from({ length: 10_001 }, (_, i) => i);
  const page = await report(`a\n${rows.join('\n')}\n`);
  expect(page).toContain('estimates');
  expect(page).toContain('≈ ');
  expect(await report('a\n1\n')).not.toContain('≈ ');
});
