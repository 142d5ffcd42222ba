/** Debian's Chromium, driven by playwright-core: one for a test file, a fresh profile for each page that is opened. */
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What Chromium says of an answer of 400 or more, or of none; whether that was to come is for the test to say. */
const ERROR_ANSWER =
  /^Failed to load resource: (?:the server responded with a status of|net::ERR_INTERNET_DISCONNECTED)/;

export type OpenPage = (url: string, options?: BrowserContextOptions) => Promise<Page>;

/**
 * Opens pages, and closes them after each test. A page's errors fail its test, what its policy forbids among them, and so does
 * a request to any other origin than those of `origins`.
 */
export function useChromium(executablePath: string, origins: () => readonly string[]): OpenPage {
  let browser: Browser;
  let errors: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ARGS });
  }, 60_000);
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    const found = errors;
    errors = [];
    expect(found).toEqual([]);
  });
  afterAll(() => browser.close());

  return async (url, options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    context.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (/^https?:$/.test(protocol) && !origins().includes(origin)) errors.push(`asked ${request.url()}`);
    });
    context.on('weberror', (error) => errors.push(String(error.error())));
    context.on('console', (message) => {
      const text = message.text();
      if (message.type() === 'error' && !ERROR_ANSWER.test(text)) errors.push(text);
    });
    const page = await context.newPage();
    await page.goto(url);
    return page;
  };
}
