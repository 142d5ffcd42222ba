/** `/api/demo` in a real browser; app and storage are of different origins, as in Azure. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { useFunctionApp } from '../support/function-app.ts';
import { describeWithTool } from '../support/tool.ts';
import { useChromium } from './chromium.ts';
import { exchangeOf, expectAccessible, openReply, start, startDelay, untilBadge } from './demo-page.ts';

/** A browser on a busy machine takes its time for each step of a test. */
jest.setTimeout(90_000);

/** Where `SCREENSHOTS=docs/images npx jest test/browser` has the pictures of the documentation made. */
const { SCREENSHOTS } = process.env;
/** Evaluated in the page. */
const DROPPED = `(() => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(['a,b\\n1,2\\n'], 'dropped.csv', { type: 'text/csv' }));
  return transfer;
})()`;
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describeWithTool('chromium', 'the demo page in Chromium', (chromium) => {
  const app = useFunctionApp();
  const storageOrigin = () => new URL(app().jobs.url).origin;
  const open = useChromium(chromium, () => [app().url, storageOrigin()]);
  const openDemo = async (options = {}): Promise<Page> => {
    const page = await open(`${app().url}/api/demo`, options);
    await page.getByRole('option', { name: 'delay', exact: true }).waitFor({ state: 'attached' });
    return page;
  };

  test('a CSV goes straight to storage; its report opens from there', async () => {
    const page = await openDemo();
    await page.getByLabel('File', { exact: true }).setInputFiles('samples/penguins.csv');
    await page.getByText('Options').click();
    await page.getByLabel('format').selectOption('html');
    const put = page.waitForRequest((request) => request.method() === 'PUT');
    await start(page);
    expect(new URL((await put).url()).origin).toBe(storageOrigin());
    expect(storageOrigin()).not.toBe(app().url);
    await untilBadge(page, 'Succeeded');
    expect(await exchangeOf(page)).toEqual([
      'GET /api/operations 200 OK',
      'POST /api/uploads 201 Created',
      expect.stringMatching(/^PUT http\S+\?\(signed\) 201 Created$/),
      expect.stringMatching(/^POST \/api\/operations\/csv-profile\?\S*upload=\S+ 202 Accepted$/),
      expect.stringMatching(/^GET \/api\/jobs\/\S+ 200 OK$/),
    ]);
    await expectAccessible(page);
    if (SCREENSHOTS !== undefined) await screenshot(page, 'demo-light.png');
    const report = await openReply(page);
    expect(new URL(report.url()).origin).toBe(storageOrigin());
    expect(await report.getByRole('heading').allInnerTexts()).toEqual(
      expect.arrayContaining(['Species', 'Body Mass (g)']),
    );
    expect(await report.locator('svg').count()).toBeGreaterThan(3);
  });

  test('a JSON job: prefilled from the schema, shown as it goes, its reply opened', async () => {
    const page = await openDemo();
    await page.getByLabel('Operation').selectOption('delay');
    expect(JSON.parse(await page.getByLabel('JSON').inputValue())).toEqual({
      seconds: 10,
      steps: 20,
      outcome: 'succeed',
    });
    await expectAccessible(page);
    await startDelay(page, { seconds: 4, steps: 8 });
    await untilBadge(page, 'Running');
    await expectAccessible(page);
    await page.locator('#progress-text', { hasText: 'step' }).waitFor();
    expect(Number(await page.getByRole('progressbar').getAttribute('value'))).toBeGreaterThan(0);
    await untilBadge(page, 'Succeeded');
    const lines = await exchangeOf(page);
    expect(lines[1]).toMatch(/^POST \/api\/operations\/delay\?\S+ 202 Accepted$/);
    expect(lines.at(-1)).toMatch(/^GET \/api\/jobs\/\S+ 200 OK$/);
    const reply = await openReply(page);
    expect(new URL(reply.url()).origin).toBe(storageOrigin());
    expect(await reply.locator('body').textContent()).toContain('"seconds":4');
  });

  test('a failure is shown with its reason', async () => {
    const page = await openDemo();
    await startDelay(page, { seconds: 0, outcome: 'reject' });
    await untilBadge(page, 'Failed');
    expect(await page.locator('#failure').textContent()).toContain('The request asked to be rejected.');
    expect(await page.getByRole('status').textContent()).toContain('The request asked to be rejected.');
    await expectAccessible(page);
  });

  test('a refused request: each fault by its pointer, and no job', async () => {
    const page = await openDemo();
    await startDelay(page, { seconds: -1, steps: 0.5 });
    const refusal = page.getByRole('alert');
    await refusal.getByText('/seconds').waitFor();
    expect(await refusal.textContent()).toContain('/steps');
    expect(await page.getByLabel('JSON').getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByRole('heading', { name: 'delay' }).count()).toBe(0);
    expect(new URL(page.url()).hash).toBe('');
    await expectAccessible(page);
  });

  test('a reload in the middle finds the job again', async () => {
    const page = await openDemo();
    await startDelay(page, { seconds: 4, steps: 4 });
    await untilBadge(page, 'Running');
    await page.reload();
    await untilBadge(page, 'Running');
    await page.getByRole('heading', { name: 'delay' }).waitFor();
    await untilBadge(page, 'Succeeded');
    await page.reload();
    await untilBadge(page, 'Succeeded');
  });

  test('a fragment that is no job of the app is left alone', async () => {
    const page = await open(`${app().url}/api/demo#https://elsewhere.example/steal`);
    await page.getByRole('option', { name: 'delay', exact: true }).waitFor({ state: 'attached' });
    expect(await exchangeOf(page)).toEqual(['GET /api/operations 200 OK']);
  });

  test('by keyboard alone: started, then canceled', async () => {
    const page = await openDemo();
    await page.getByLabel('Operation').focus();
    await page.keyboard.type('delay');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('{"seconds":60}');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await untilBadge(page, 'Running');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await untilBadge(page, 'Canceled');
    expect(await page.getByRole('status').textContent()).toBe('Canceled.');
    expect(await page.getByRole('link', { name: 'Open the reply' }).count()).toBe(0);
    expect(await exchangeOf(page)).toContainEqual(expect.stringMatching(/^GET \/api\/jobs\/\S+ 410 Gone$/));
    await expectAccessible(page);
  });

  test('a file dropped, or the sample; an upload given up', async () => {
    const page = await openDemo();
    const chosen = () => page.getByLabel('File', { exact: true }).inputValue();
    await page.locator('#drop').dispatchEvent('drop', { dataTransfer: await page.evaluateHandle(DROPPED) });
    expect(await chosen()).toMatch(/dropped\.csv$/);
    await page.getByRole('button', { name: 'Use a sample CSV' }).click();
    expect(await chosen()).toMatch(/weather\.csv$/);

    // Nothing answers the PUT, so that there is time to give it up.
    await page.route(`${storageOrigin()}/**`, () => {});
    await start(page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('given up').waitFor();
    expect(await page.getByRole('heading', { name: 'csv-profile' }).count()).toBe(0);
    await page.unrouteAll();

    await start(page);
    await untilBadge(page, 'Succeeded');
    expect(await (await openReply(page)).locator('body').textContent()).toContain('"rows":60000');
  });

  test('a lost connection is waited for', async () => {
    const page = await openDemo();
    await startDelay(page, { seconds: 6 });
    await untilBadge(page, 'Running');
    await page.context().setOffline(true);
    await page.locator('#progress-text', { hasText: 'No answer at the moment' }).waitFor();
    await page.context().setOffline(false);
    await untilBadge(page, 'Succeeded');
  });

  test.each([
    ['dark', { colorScheme: 'dark' as const }],
    ['phone', PHONE],
  ])('%s: accessible from the form to the reply, and fits', async (name, options) => {
    const page = await openDemo(options);
    await expectAccessible(page);
    await startDelay(page, { seconds: 3, steps: 6 });
    await page.locator('#progress-text', { hasText: 'step' }).waitFor();
    await expectAccessible(page);
    if (SCREENSHOTS !== undefined) await screenshot(page, `demo-${name}.png`);
    await untilBadge(page, 'Succeeded');
    await expectAccessible(page);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });

  test('/api/docs shows every operation, by its own files alone', async () => {
    const page = await open(`${app().url}/api/docs`);
    await page.getByText('/operations/csv-profile').first().waitFor();
    await page.getByText('/operator/jobs', { exact: true }).first().waitFor();
  });

  test.each(['light', 'dark'] as const)('/api/docs is %s where the system is', async (colorScheme) => {
    const page = await open(`${app().url}/api/docs`, { colorScheme });
    await page.getByText('/operations/csv-profile').first().waitFor();
    const shown = await page.evaluate('getComputedStyle(document.documentElement).colorScheme');
    expect(shown === 'dark').toBe(colorScheme === 'dark');
  });
});

describeWithTool('chromium', 'the demo page where keys are enforced', (chromium) => {
  const app = useFunctionApp({ auth: true });
  const open = useChromium(chromium, () => [app().url]);

  test('asks for a key, keeps it to itself, and starts', async () => {
    const page = await open(`${app().url}/api/demo`);
    await page.getByRole('option', { name: 'delay', exact: true }).waitFor({ state: 'attached' });
    await startDelay(page, { seconds: 0 });
    const field = page.getByLabel('Function key');
    await field.waitFor();
    const key = app().host.keys?.functions['start-operation'] ?? app().host.keys?.host ?? '';
    await field.fill(key);
    await start(page);
    await untilBadge(page, 'Succeeded');
    expect(await page.content()).not.toContain(key);
    expect(page.url()).not.toContain(key);
    expect(await page.evaluate('JSON.stringify(localStorage)')).toBe('{}');
  });
});

/** Few colours are on the page: with a palette of them a picture is a third of its size. */
async function screenshot(page: Page, file: string): Promise<void> {
  const folder = String(SCREENSHOTS);
  mkdirSync(folder, { recursive: true });
  const picture = sharp(await page.screenshot({ fullPage: true }));
  await picture.png({ palette: true, effort: 10 }).toFile(join(folder, file));
}
