/** The demo page as its reader knows it, by what is written on it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';

const axe = readFileSync(
  createRequire(join(process.cwd(), 'package.json')).resolve('axe-core/axe.min.js'),
  'utf8',
);

/** Chooses `delay`, puts a request in the place of the one that is there, and starts it. */
export async function startDelay(page: Page, request: Readonly<Record<string, unknown>>): Promise<void> {
  await page.getByLabel('Operation').selectOption('delay');
  await page.getByLabel('JSON').fill(JSON.stringify(request));
  await start(page);
}

export function start(page: Page): Promise<void> {
  return page.getByRole('button', { name: 'Start' }).click();
}

/** Resolves once the job's badge says so. */
export function untilBadge(page: Page, text: string): Promise<void> {
  return page.locator('#status', { hasText: text }).waitFor();
}

/** Opens the reply as a person would, in a tab of its own, and resolves with that. */
export async function openReply(page: Page): Promise<Page> {
  const opened = page.waitForEvent('popup');
  await page.getByRole('link', { name: 'Open the reply' }).click();
  const reply = await opened;
  await reply.waitForLoadState();
  return reply;
}

/** The request lines of the exchange with their answers, as they are shown. */
export async function exchangeOf(page: Page): Promise<string[]> {
  const lines = await page.locator('#exchange .line').allInnerTexts();
  return lines.map((line) => line.replaceAll(/\s+/g, ' '));
}

/** axe-core's rules on the page as it is now. By evaluation: as a script of the page its policy would refuse it. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate('axe.run().then((found) => found.violations)');
  expect(violations).toEqual([]);
}
