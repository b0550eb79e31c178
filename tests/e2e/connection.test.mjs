// The gateway goes away and comes back: calm, dated, and by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { base, checkAccessible, checkLayout, close, go, mock, needsMock, open, setState, shoot, shutDown } from './browser.mjs';

before(() => setState('reset'));
after(async () => { await setState('reset'); await shutDown(); });

for (const size of ['phone', 'pc']) {
  test(`lost: the last values stay, grey and with their age (${size})`, needsMock, async () => {
    await setState('normal');
    const page = await open({ size });
    await go(page, 'overview');
    await page.getByRole('region', { name: 'Energy flow now' }).waitFor();
    await setState('offline');
    await page.getByText(/Connection lost \d+\ss ago/).waitFor();
    await page.locator('[data-node=pv].is-unknown').getByText(/ago/).waitFor();
    assert.match(await page.locator('[data-node=pv] .figure').innerText(), /kW/);
    await checkAccessible(page, 'lost connection');
    await checkLayout(page, 'lost connection');
    await shoot(page, `lost-${size}-light`, { full: size === 'phone' });
    await setState('normal');
    await page.getByText(/Connection lost/).waitFor({ state: 'detached', timeout: 20_000 });
    await page.locator('[data-node=pv][data-direction=forward]').waitFor();
    await close(page);
  });
}

test('trying again by hand does not wait', needsMock, async () => {
  await setState('normal');
  const page = await open();
  await go(page, 'overview');
  await page.getByRole('region', { name: 'Energy flow now' }).waitFor();
  await setState('offline');
  await page.getByText(/Next try in (4|5|8|9)\ss/).waitFor({ timeout: 20_000 });
  await setState('normal');
  await page.getByRole('button', { name: 'Try now' }).click();
  await page.getByText(/Connection lost/).waitFor({ state: 'detached', timeout: 2_000 });
  await close(page);
});

test('nothing is taken from elsewhere, and the policy holds', async () => {
  const page = await open();
  const hosts = new Set();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  const response = await page.goto(`${base}/#/overview`);
  await page.getByRole('region', { name: 'Energy flow now' }).waitFor();
  assert.match(response.headers()['content-security-policy'], /default-src 'self'/);
  assert.deepEqual([...hosts], [new URL(base).host]);
  await close(page);
});

test('the installed interface opens without the gateway', { skip: mock ? false : 'a test certificate does not allow service workers' }, async () => {
  await setState('normal');
  const page = await open();
  await go(page, 'overview');
  await page.getByRole('region', { name: 'Energy flow now' }).waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await setState('offline');
  await page.reload();
  await page.getByText('The gateway does not answer').waitFor();
  await shoot(page, 'unreachable-pc-light');
  await setState('normal');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('region', { name: 'Energy flow now' }).waitFor();
  await close(page);
});
