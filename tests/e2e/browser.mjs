// What every journey needs: a browser, a page that is signed in, states of the mock, accessibility, screenshots.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const shots = fileURLToPath(new URL('../../build/screenshots/', import.meta.url));

export const base = process.env.BUSBAR_E2E_URL;
export const code = process.env.BUSBAR_E2E_CODE;
export const mock = process.env.BUSBAR_E2E_KIND !== 'real';
const onlyMock = mock ? false : 'needs a state only the mock can be put into';
export const needsMock = { skip: onlyMock };

export const account = mock ? { username: 'anna', password: 'correct horse battery' } : { username: 'tester', password: 'two copper bars, 8 kW' };
export const SIZES = { phone: { width: 390, height: 844 }, pc: { width: 1280, height: 800 } };

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
let browser;

export async function open({ size = 'pc', scheme = 'light', language = 'en-GB', signedIn = true, motion = 'reduce' } = {}) {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  const context = await browser.newContext({
    viewport: SIZES[size], colorScheme: scheme, locale: language, reducedMotion: motion, ignoreHTTPSErrors: true, hasTouch: size === 'phone', isMobile: size === 'phone',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('console', (message) => {
    // A refused request is reported by the browser itself; what our code or the policy says is a fault.
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection|SSL certificate|ERR_/.test(message.text())) page.faults.push(message.text());
  });
  if (signedIn) await signIn(page);
  return page;
}

export async function close(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

export async function shutDown() {
  await browser?.close();
  browser = undefined;
}

async function signIn(page) {
  const { needed } = await (await page.request.get(`${base}/api/v1/setup`)).json();
  const response = needed
    ? await page.request.post(`${base}/api/v1/setup`, { data: { code, language: 'en', ...account } })
    : await page.request.post(`${base}/api/v1/session`, { data: account });
  assert.ok(response.ok(), `signing in: ${response.status()} ${await response.text()}`);
}

export async function go(page, route) {
  await page.goto(`${base}/#/${route}`);
  await page.locator('main').waitFor();
}

export async function setState(state) {
  if (mock) await fetch(`${base}/mock/state`, { method: 'POST', body: JSON.stringify({ state }) });
}

// Fails with rule, place and remedy of each violation.
export async function checkAccessible(page, name) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const told = violations.map((v) => `${v.id}: ${v.help} at ${v.nodes.map((n) => `${n.target} ${n.any.map((a) => a.message).join('; ')}`).join(' | ')}`);
  assert.deepEqual(told, [], `accessibility of ${name}`);
}

// Nothing may reach beyond the sides of the window, and what is tapped is big enough.
export async function checkLayout(page, name) {
  const found = await page.evaluate(() => {
    const wide = Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth);
    const small = [...document.querySelectorAll('button, input:not([type=radio]):not([type=checkbox]), select, summary, nav a')]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.visually-hidden, .u-over'))
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < 40 || box.width < 40))
      .map(({ element, box }) => `${element.tagName} ${element.className} ${Math.round(box.width)}x${Math.round(box.height)}`);
    return { wide, small };
  });
  assert.deepEqual(found, { wide: 0, small: [] }, `layout of ${name}`);
}

export async function shoot(page, name, { full = false } = {}) {
  await page.screenshot({ path: `${shots}${name}.png`, fullPage: full });
}
