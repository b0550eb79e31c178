// An installer on the running gateway: a device is removed, found by a search beside the polling, added again, renamed;
// its line is watched and asked by hand. The other devices notice nothing.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { base, button, checkAccessible, checkLayout, close, field, get, go, heading, link, open, PATIENCE_MS, region, says, shoot, shutDown, until } from '../browser.mjs';

after(shutDown);

test('a device leaves, is found again, and keeps its history', async () => {
  const page = await open({ size: 'phone' });
  const before = await until(page, 'devices', ({ devices }) => devices.every((one) => one.state === 'online'));
  assert.equal(before.devices.length, 4);

  await go(page, 'devices/heat_pump?tab=setup');
  await button(page, 'Remove this device').click();
  await region(page, 'Remove').getByRole('button', { name: 'Remove', exact: true }).click();
  await heading(page, 'Devices').waitFor();
  await until(page, 'devices', ({ devices }) => devices.length === 3);

  await link(page, 'Find devices').click();
  await page.locator('#network').uncheck();
  await button(page, 'Search').click();
  await heading(page, 'Search finished').waitFor({ timeout: 3 * PATIENCE_MS });
  await says(page, /address 1\b/);
  await checkAccessible(page, 'real search');
  await checkLayout(page, 'real search');
  await shoot(page, 'real-found-phone-light', { full: true });
  const { found } = await get(page, 'scan');
  const one = found.find((each) => each.bus === 'line1' && each.unit === 1);
  assert.ok([one.profile, ...one.candidates].includes('eastron/sdm630'), JSON.stringify(one));

  const card = page.locator('.found').filter({ hasText: /line1 · address 1/ });
  if (one.profile === null) await field(card, 'What is it?').selectOption('eastron/sdm630');
  await card.locator('.found-buttons .button').last().click();
  await field(card, 'Name').fill('Heat pump');
  await field(card, 'Use').selectOption('sub_meter');
  await button(card, 'Add Heat pump').click();
  await says(card, 'added');
  const { devices } = await until(page, 'devices', (all) => all.devices.length === 4 && all.devices.every((each) => each.state === 'online'));
  const back = devices.find((each) => each.name === 'Heat pump');
  assert.deepEqual([back.bus, back.unit, back.profile, back.use], ['line1', 1, 'eastron/sdm630', 'sub_meter']);

  // Nobody else was disturbed: the same devices, online since before.
  for (const old of before.devices.filter((each) => each.id !== 'heat_pump')) {
    const off = Math.abs(devices.find((each) => each.id === old.id).since - old.since);
    assert.ok(off < 1000, `${old.id} was interrupted`); // told in ms since it happened, so a rounding apart
  }
  await close(page);
});

test('an address in use names its holder, a wrong match removes nothing', async () => {
  const page = await open();
  const taken = await page.request.post(`${base}/api/v1/devices`, { data: { name: 'Second', profile: 'eastron/sdm120', bus: 'lan', unit: 11, use: 'sub_meter' } });
  assert.equal(taken.status(), 409);
  assert.match((await taken.json()).error.text, /'grid'/);
  const wrong = await page.request.delete(`${base}/api/v1/devices/grid?bus=lan&unit=12&profile=chint/dtsu666`);
  assert.equal(wrong.status(), 409);
  assert.equal((await get(page, 'devices')).devices.length, 4);
  await close(page);
});

test('a line is watched and asked by hand', async () => {
  const page = await open();
  await go(page, 'devices?tab=monitor&bus=line1');
  await says(page, /^read \d+ from \d+$/);
  await says(page, /^\d+ values$/);
  await button(page, 'Pause').click();
  await field(page, 'What').selectOption('4');
  await field(page, 'How many').fill('2');
  await button(page, 'Ask').click();
  await says(page, /answered after/);
  await page.locator('.raw-answer tbody tr').nth(1).waitFor();
  await checkAccessible(page, 'real monitor');
  await checkLayout(page, 'real monitor');
  await shoot(page, 'real-monitor-pc-light', { full: true });
  const capture = await page.request.get(`${base}/api/v1/buses/line1/capture`);
  assert.equal(capture.status(), 200);
  assert.match(await capture.text(), /line1/);
  await close(page);
});
