// Devices and buses: state, values with age, and what happens if the gateway falls silent.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { checkAccessible, checkLayout, close, go, heading, link, open, region, says, setState, shoot, shutDown } from './browser.mjs';

beforeEach(() => setState('reset'));
after(async () => { await setState('reset'); await shutDown(); });

test('from the list to every point of a device', async () => {
  const page = await open();
  await go(page, 'devices');
  await page.locator('.device').first().waitFor();
  assert.ok((await page.locator('.device').count()) >= 3);
  await page.locator('.device-link').first().click();
  await heading(page, 'If the gateway falls silent').waitFor();
  assert.ok((await page.locator('.point').count()) >= 3);
  await link(page, 'All devices').click();
  await link(page, 'Buses').click();
  await page.getByRole('meter', { name: 'Wire in use', exact: true }).first().waitFor();
  await checkAccessible(page, 'buses');
  await close(page);
});

test('tells which setpoint stays if the gateway dies', async () => {
  const page = await open();
  await go(page, 'devices/storage');
  await says(page, 'Battery power: after 30 s it returns to own self-consumption.');
  await says(page, 'AC power limit: it keeps the last setpoint for good.');
  await close(page);
});

test('what was never fitted is folded away, what fails is not', async () => {
  await setState('fault');
  const page = await open();
  await go(page, 'devices/storage');
  const unfitted = page.locator('.unfitted');
  await says(unfitted, '4 points not fitted');
  assert.equal(await page.locator('.point.is-invalid').count(), 1);
  await says(page.locator('.point.is-invalid'), 'Battery temperature'); // it had values once
  await unfitted.locator('summary').click();
  await says(unfitted, /String current/);
  await checkAccessible(page, 'unfitted points');
  await checkLayout(page, 'unfitted points');
  await shoot(page, 'device-unfitted-pc-light', { full: true });
  await close(page);
});

test('a silent device says so, with the remedy', async () => {
  await setState('fault');
  const page = await open({ size: 'phone' });
  await go(page, 'devices');
  await says(page, 'No answer for 12 min. Check the wiring');
  await checkAccessible(page, 'device fault');
  await shoot(page, 'devices-fault-phone-light', { full: true });
  await go(page, 'devices/heat');
  await page.locator('.point.is-stale').first().waitFor();
  assert.match(await page.locator('.point.is-stale .point-age').first().innerText(), /stale · \d+\smin/);
  await checkAccessible(page, 'stale points');
  await checkLayout(page, 'stale points');
  await shoot(page, 'device-stale-phone-light', { full: true });
  await go(page, 'alarms');
  await says(page, 'Heat pump meter does not answer.');
  await checkAccessible(page, 'alarms');
  await checkLayout(page, 'alarms');
  await shoot(page, 'alarms-fault-phone-light', { full: true });
  await close(page);
});

test('a point leads to its curve', async () => {
  const page = await open();
  await go(page, 'devices/roof');
  await link(page, 'Show AC power over time').click();
  await says(page.locator('.curve'), 'AC power');
  assert.equal(await page.locator('.curve').count(), 1);
  await close(page);
});

test('bus, address, serial number and who changed what stand on the page of a device', async () => {
  const page = await open({ size: 'phone', language: 'de-DE', scheme: 'dark' });
  await go(page, 'devices/storage');
  await says(page, /Adresse 1 auf line1 · SN /);
  const changes = region(page, 'Änderungen');
  await says(changes, 'Einstellung export_limit_w');
  await says(changes, /6000 →/);
  await says(changes, /^Name: Battery →/);
  await says(changes, /^ben ·/);
  assert.equal(await changes.getByRole('listitem').count(), 2); // of this device, and of no other
  await checkAccessible(page, 'device-changes-phone-dark-german');
  await shoot(page, 'device-changes-phone-dark-german', { full: true });
  await close(page);
});
