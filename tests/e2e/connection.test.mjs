// The gateway goes away and comes back: calm, dated, and by itself.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { base, button, checkAccessible, checkLayout, close, flow, go, open, says, setState, shoot, shutDown } from './browser.mjs';

beforeEach(() => setState('reset'));
after(async () => { await setState('reset'); await shutDown(); });

const found = (page) => page.getByText(/Connection lost/).waitFor({ state: 'detached' });

for (const size of ['phone', 'pc']) {
  test(`lost: the last values stay, grey and with their age (${size})`, async () => {
    const page = await open({ size });
    await go(page, 'overview');
    await flow(page).waitFor();
    await setState('offline');
    await says(page, /Connection lost \d+\s(s|min) ago/);
    await says(page.locator('[data-node=pv].is-unknown'), /ago/);
    assert.match(await page.locator('[data-node=pv] .figure').innerText(), /W$/);
    await checkAccessible(page, 'lost connection');
    await checkLayout(page, 'lost connection');
    await shoot(page, `lost-${size}-light`, { full: size === 'phone' });
    await setState('normal');
    await found(page);
    await page.locator('[data-node=pv]:not(.is-unknown)').waitFor();
    await close(page);
  });
}

test('trying again by hand does not wait', async () => {
  const page = await open();
  // Tries by themselves never come (their pauses are the only timers of such length): what comes back came by hand.
  await page.addInitScript(() => {
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (work, ms, ...rest) => setTimeout(work, ms > 500 && ms !== 10_000 ? 3_600_000 : ms, ...rest);
  });
  await go(page, 'overview');
  await flow(page).waitFor();
  await setState('offline');
  await says(page, /Connection lost/);
  await setState('normal');
  await button(page, 'Try now').click();
  await found(page);
  await close(page);
});

test('nothing is taken from elsewhere, and the policy holds', async () => {
  const page = await open();
  const hosts = new Set();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  const response = await page.goto(`${base}/#/overview`);
  await flow(page).waitFor();
  assert.match(response.headers()['content-security-policy'], /default-src 'self'/);
  assert.deepEqual([...hosts], [new URL(base).host]);
  await close(page);
});

test('the installed interface opens without the gateway', async () => {
  const page = await open();
  await go(page, 'overview');
  await flow(page).waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await setState('offline');
  await page.reload();
  await says(page, 'The gateway does not answer');
  await shoot(page, 'unreachable-pc-light');
  await setState('normal');
  await button(page, 'Try again').click();
  await flow(page).waitFor();
  await close(page);
});
