// Devices and buses: state, values with age, and what happens if the gateway falls silent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, checkLayout, close, go, needsMock, open, setState, shoot, shutDown } from './browser.mjs';

before(() => setState('reset'));
after(async () => { await setState('reset'); await shutDown(); });

test('from the list to every point of a device', async () => {
  const page = await open();
  await go(page, 'devices');
  await page.locator('.device').first().waitFor();
  assert.ok((await page.locator('.device').count()) >= 3);
  await page.locator('.device-link').first().click();
  await page.getByRole('heading', { name: 'If the gateway falls silent' }).waitFor();
  assert.ok((await page.locator('.point').count()) >= 3);
  await page.getByRole('link', { name: 'All devices' }).click();
  await page.getByRole('link', { name: 'Buses' }).click();
  await page.getByRole('meter', { name: 'Wire in use' }).first().waitFor();
  await checkAccessible(page, 'buses');
  await close(page);
});

test('tells which setpoint stays if the gateway dies', needsMock, async () => {
  const page = await open();
  await go(page, 'devices/storage');
  await page.getByText('Battery power: after 30 s it returns to own self-consumption.').waitFor();
  await page.getByText('AC power limit: it keeps the last setpoint for good.').waitFor();
  await close(page);
});

test('a silent device says so, with the remedy', needsMock, async () => {
  await setState('fault');
  const page = await open({ size: 'phone' });
  await go(page, 'devices');
  await page.getByText('No answer for 12 min. Check the wiring').waitFor();
  await checkAccessible(page, 'device fault');
  await shoot(page, 'devices-fault-phone-light', { full: true });
  await go(page, 'devices/heat');
  await page.locator('.point.is-stale').first().waitFor();
  assert.match(await page.locator('.point.is-stale .point-age').first().innerText(), /stale · 12\smin/);
  await checkAccessible(page, 'stale points');
  await checkLayout(page, 'stale points');
  await shoot(page, 'device-stale-phone-light', { full: true });
  await go(page, 'alarms');
  await page.getByText('Heat pump meter does not answer.').waitFor();
  await checkAccessible(page, 'alarms');
  await checkLayout(page, 'alarms');
  await shoot(page, 'alarms-fault-phone-light', { full: true });
  await close(page);
});

test('a point leads to its curve', needsMock, async () => {
  await setState('normal');
  const page = await open();
  await go(page, 'devices/roof');
  await page.getByRole('link', { name: 'Show AC power over time' }).click();
  await page.locator('.curve').getByText('AC power').waitFor();
  assert.equal(await page.locator('.curve').count(), 1);
  await close(page);
});
