// The page of the real server in Debian's Chromium. A test is a sentence and a body that gets a
// Site; it fails as well when the page complains of something that the test does not expect:
//
//   testPage('a manager opens a partner', async (site) => {
//     const page = await site.open('manager', '/partners');
//     await page.getByRole('link', { name: 'Brakes and Gears' }).click();
//   });
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { checkAccessibility } from './axe.mjs';
import { Server, admin, freshDirectory, init, must, removeDirectory } from './server.mjs';

const STEP_MS = 10_000;
const arguments_ = [
  '--no-sandbox', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-quic', '--no-first-run', '--disable-gpu',
];
export const password = 'quiet harbour lamp 7';

export const wide = { width: 1280, height: 860 };
export const narrow = { width: 360, height: 740 };
// How every screen must work.
export const looks = [
  { name: 'light', viewport: wide, colorScheme: 'light' },
  { name: 'dark', viewport: wide, colorScheme: 'dark' },
  { name: '360 px, light', viewport: narrow, colorScheme: 'light' },
  { name: '360 px, dark', viewport: narrow, colorScheme: 'dark' },
];

// One of each role; the last sees one partner of the sample.
const people = {
  administrator: admin.email,
  manager: 'mia@example.com',
  analyst: 'ana@example.com',
  partner: 'pat@example.com',
};
const samplePartner = 'Brakes and Gears';

function addPeople(directory, roles) {
  for (const role of roles) {
    const of = role === 'partner' ? ['--partner', samplePartner] : [];
    must(directory, ['user', 'add', people[role], '--role', role, ...of], {
      input: `${password}\n`,
    });
  }
  must(directory, ['user', 'passwd', admin.email], { input: `${password}\n` });
}

function makeDirectory(sample) {
  const directory = freshDirectory();
  init(directory, sample ? ['--sample'] : []);
  addPeople(directory, sample ? ['manager', 'analyst', 'partner'] : ['manager', 'analyst']);
  return directory;
}

// Made once for all tests of a file, and copied.
const templates = new Map();
process.on('exit', () => {
  for (const directory of templates.values()) removeDirectory(directory);
});

function copyOfDirectory(sample) {
  if (!templates.has(sample)) templates.set(sample, makeDirectory(sample));
  const directory = freshDirectory();
  cpSync(templates.get(sample), directory, { recursive: true });
  return directory;
}

// A server with people of every role, and a browser that looks at it.
export class Site {
  constructor(directory, server, browser) {
    this.directory = directory;
    this.server = server;
    this.browser = browser;
    this.contexts = new Map();
    this.complaints = [];
    // The document asks for both at once; whoever is not signed in learns so from the answers.
    this.expected = [/^GET \/api\/v1\/(session|organisation): 401$/];
  }

  static async start(sample) {
    const directory = copyOfDirectory(sample);
    const server = await Server.start(directory);
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: arguments_ });
    return new Site(directory, server, browser);
  }

  // Starts the program again at the same address, after the test ended it.
  async restart() {
    this.server = await Server.start(this.directory, ['--listen', new URL(this.server.url).host]);
  }

  async close() {
    await this.browser.close();
    await this.server.stop();
    removeDirectory(this.directory);
  }

  // The test provokes what matches: "PATCH /api/v1/partners/ptn_x: 412", "failed: GET /x: why",
  // "console: text" or "exception: text".
  expect(...patterns) {
    this.expected.push(...patterns);
  }

  unexpected() {
    return this.complaints.filter((text) => !this.expected.some((pattern) => pattern.test(text)));
  }

  // Signed in as `role`, or 'nobody'. The options are Playwright's; see `looks`.
  async context(role, options = {}) {
    const context = await this.browser.newContext({
      baseURL: this.server.url, viewport: wide, locale: 'en-US', timezoneId: 'Europe/Vienna',
      ...options,
    });
    context.setDefaultTimeout(STEP_MS);
    if (role !== 'nobody') await context.addCookies([await this.cookie(role)]);
    this.listen(context);
    return context;
  }

  async cookie(role) {
    const answer = await this.server.signIn(people[role], password);
    assert.equal(answer.status, 201, answer.text);
    const [name, value] = answer.cookie.split('=');
    return { name, value, url: this.server.url, httpOnly: true, sameSite: 'Strict' };
  }

  listen(context) {
    const path = (request) => new URL(request.url()).pathname;
    context.on('response', (response) => {
      const request = response.request();
      if (response.status() >= 400)
        this.complaints.push(`${request.method()} ${path(request)}: ${response.status()}`);
    });
    context.on('requestfailed', (request) => {
      // Leaving a screen gives up what it still loads.
      const why = request.failure()?.errorText ?? '';
      if (why !== 'net::ERR_ABORTED')
        this.complaints.push(`failed: ${request.method()} ${path(request)}: ${why}`);
    });
    context.on('console', (message) => {
      // Said above already, with more.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        this.complaints.push(`console: ${message.text()}`);
    });
    context.on('weberror', (error) => this.complaints.push(`exception: ${error.error().stack}`));
  }

  // A new page at `path`, loaded; in a context of its own unless one is given.
  async open(role, path, { context, ...options } = {}) {
    const page = await (context ?? (await this.context(role, options))).newPage();
    await page.goto(path);
    await settled(page);
    return page;
  }

  // The screen in every look: no violation of WCAG 2.2 AA, and nothing to scroll sideways.
  // `prepare(page)` brings it into the state to look at.
  async checkLooks(role, path, prepare = async () => {}) {
    for (const { name, ...look } of looks) {
      const page = await this.open(role, path, look);
      await prepare(page);
      await settled(page);
      await checkAccessibility(page, `${path} as ${role}, ${name}`);
      assert.equal(await scrollsSideways(page), false, `${path}, ${name}: scrolls sideways`);
      await page.context().close();
    }
  }
}

// The one document has its screen, and nothing of it is a skeleton any more. A stream never ends,
// so Playwright's "networkidle" would never come.
export async function settled(page) {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(
    () => !document.querySelector('.skeleton') &&
      document.getAnimations().every((one) =>
        one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity),
  );
}

export function scrollsSideways(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
}

export function testPage(sentence, body, { sample = true } = {}) {
  test(sentence, { timeout: 120_000 }, async () => {
    const site = await Site.start(sample);
    try {
      await body(site);
      assert.deepEqual(site.unexpected(), [], 'the page complained');
    } finally {
      await site.close();
    }
  });
}
