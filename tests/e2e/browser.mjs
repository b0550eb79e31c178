// What every journey needs: a browser, a page that is signed in, states of the mock, accessibility, screenshots.
// A test waits for what it wants to see, never for time: the machine may be slow, and no date and no value is special.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const shots = fileURLToPath(new URL('../../build/screenshots/', import.meta.url));

export const base = process.env.BUSBAR_E2E_URL;
export const code = process.env.BUSBAR_E2E_CODE;
export const real = process.env.BUSBAR_E2E_KIND === 'real';
export const account = real ? { username: 'tester', password: 'two copper bars, 8 kW' } : { username: 'anna', password: 'correct horse battery' };
export const SIZES = { tiny: { width: 320, height: 640 }, phone: { width: 390, height: 844 }, pc: { width: 1280, height: 800 } };
export const PATIENCE_MS = 60_000; // for one condition; only a fault ever takes that long

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
let browser;

export async function open({ size = 'pc', scheme = 'light', language = 'en-GB', signedIn = true, motion = 'reduce' } = {}) {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS, timeout: 2 * PATIENCE_MS });
  const context = await browser.newContext({
    viewport: SIZES[size], colorScheme: scheme, locale: language, reducedMotion: motion, ignoreHTTPSErrors: true, hasTouch: size !== 'pc', isMobile: size !== 'pc',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('console', (message) => {
    // What the browser reports of itself (a refused request, no service worker behind a certificate it does not know) is
    // not ours; what our code or the policy says is a fault.
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection|SSL certificate|ERR_|when fetching the script/.test(message.text())) page.faults.push(message.text());
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
  if (!real) await fetch(`${base}/mock/state`, { method: 'POST', body: JSON.stringify({ state }) });
}

// Names are whole names: the button "Now" is not the sentence "Not needed now".
export const button = (scope, name) => scope.getByRole('button', { name, exact: true });
export const link = (scope, name) => scope.getByRole('link', { name, exact: true });
export const radio = (scope, name) => scope.getByRole('radio', { name, exact: true });
export const heading = (scope, name) => scope.getByRole('heading', { name, exact: true });
export const region = (scope, name) => scope.getByRole('region', { name, exact: true });
export const field = (scope, label) => scope.getByLabel(label, { exact: true });
// Waits until a text (or a part of it) can be seen, once or more often.
export const says = (scope, text) => scope.getByText(text).filter({ visible: true }).first().waitFor();

export const flow = (page) => region(page, 'Energy flow now');

export const get = async (page, path) => (await page.request.get(`${base}/api/v1/${path}`)).json();

// Asks the gateway until what it answers pleases; a house needs its time, and a busy machine more.
export async function until(page, path, pleases) {
  const end = performance.now() + 3 * PATIENCE_MS;
  for (;;) {
    const seen = await get(page, path);
    if (await pleases(seen)) return seen;
    if (performance.now() > end) throw new Error(`never came: ${path}: ${JSON.stringify(seen)}`);
    await pause(250);
  }
}

// Waits until what was asked of the browser has been painted.
export const painted = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

// The curves are loaded and drawn, and nothing moves under the pointer any more.
export async function drawn(page) {
  await page.locator('.chart canvas').first().waitFor();
  await page.locator('[aria-busy=false] > .panels').waitFor();
  await painted(page);
}

// Fails with rule, place and remedy of each violation.
export async function checkAccessible(page, name) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource);
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
