// A person looks at the running house: values move, curves zoom, devices and wires are told, decisions have reasons, and a
// changed setting changes what flows.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { base, button, checkAccessible, close, drawn, field, flow, go, heading, link, open, radio, says, shoot, shutDown, until } from '../browser.mjs';

after(shutDown);

test('energy flows, in the picture as in the house', async () => {
  const page = await open({ motion: 'no-preference' });
  await go(page, 'overview');
  for (const node of ['pv', 'grid', 'battery', 'house']) await page.locator(`[data-node=${node}]:not(.is-unknown)`).waitFor();
  await page.locator('[data-node=pv][data-direction=forward]').waitFor();
  await page.locator('[data-node=house][data-direction=forward]').waitFor();

  // Numbers follow without a reload, and are what the gateway says.
  const shown = () => page.locator('.tile-value .figure').evaluateAll((all) => all.map((one) => one.title.split(' · ')[0]).join());
  const first = await shown();
  await page.waitForFunction((old) => [...document.querySelectorAll('.tile-value .figure')].map((one) => one.title.split(' · ')[0]).join() !== old, first);
  const sunShown = async () => parseFloat((await page.locator('[data-node=pv] .figure').getAttribute('title')).replace(/,/g, '')); // W, every digit
  await until(page, 'overview', async (one) => one.flow.pv_w.value !== null && Math.abs((await sunShown()) - one.flow.pv_w.value) < 500);

  // The dots travel.
  const places = () => page.locator('.dots > i').evaluateAll((all) => all.map((one) => one.style.transform).join());
  const start = await places();
  assert.notEqual(start, '');
  await page.waitForFunction((old) => [...document.querySelectorAll('.dots > i')].map((one) => one.style.transform).join() !== old, start);
  await shoot(page, 'real-overview-pc-light');
  await close(page);
});

test('from a device to a point, to its curve, and closer', async () => {
  const page = await open();
  await go(page, 'devices');
  await page.locator('.device').nth(3).waitFor();
  await page.locator('.device.is-online').nth(3).waitFor();
  await page.locator('a[href="#/devices/grid"]').click();
  await heading(page, 'If the gateway falls silent').waitFor();
  await page.locator('.point.is-good').nth(5).waitFor();
  await link(page, 'Show Power over time').click();
  await radio(page, 'Hour').check();
  await drawn(page);
  assert.equal(await page.locator('.curve').count(), 1);
  await says(page.locator('.curve-values'), /\d\s(k?W)/);
  const range = (request) => { const query = new URL(request.url()).searchParams; return Number(query.get('to')) - Number(query.get('from')); };
  const closer = page.waitForRequest((request) => request.url().includes('/history?') && range(request) < 3_000_000);
  await page.locator('.panel-plot').focus();
  await page.keyboard.press('+');
  assert.equal(Math.round(range(await closer) / 60_000), 30);
  await button(page, 'Whole range').click();
  await drawn(page);
  const csv = await page.request.get(base + (await link(page, 'Export CSV').getAttribute('href')));
  assert.match(await csv.text(), /^time,grid\/meter\.power \[W\]\r?\n\d{4}-\d\d-\d\dT[\d:.]+Z,-?\d/);
  await shoot(page, 'real-history-pc-light');
  await close(page);
});

test('strings that the inverter does not have are no warning', async () => {
  const page = await open();
  await go(page, 'devices/hybrid');
  await says(page.locator('.unfitted'), '4 points not fitted');
  await page.locator('.point.is-invalid').first().waitFor({ state: 'detached' });
  await close(page);
});

test('wires tell how busy they are and who answers', async () => {
  const page = await open({ size: 'phone' });
  await go(page, 'devices?tab=buses');
  const line = page.locator('.bus').filter({ hasText: '9600 8N1' });
  await line.getByRole('meter', { name: 'Wire in use', exact: true }).waitFor();
  await link(line.locator('.bus-table'), 'Heat pump').waitFor();
  await says(line, /\d\s%/);
  await checkAccessible(page, 'buses');
  await shoot(page, 'real-buses-phone-light', { full: true });
  await close(page);
});

test('a limit set here is kept by the house, and the decision says why', async () => {
  const page = await open();
  const feedIn = (overview) => (overview.flow.grid_w.value === null ? null : -overview.flow.grid_w.value);
  await until(page, 'overview', (one) => feedIn(one) > 1500 && one.flow.battery_w.value !== null); // noon: there is something to hold back
  await go(page, 'settings');
  await radio(page, 'Limit in W').check();
  await field(page, 'Most feed-in').fill('300');
  await button(page, 'Save').click();
  await says(page, 'Saved. In force from the next second.');
  await until(page, 'overview', (one) => one.feed_in_limit.active && feedIn(one) !== null && feedIn(one) < 450);
  await go(page, 'overview');
  await says(page.locator('[data-node=grid]'), 'limit reached');
  await shoot(page, 'real-overview-limited-pc-light');

  await go(page, 'why');
  await page.locator('.decision').first().waitFor();
  await page.getByRole('combobox', { name: 'Device', exact: true }).selectOption({ label: 'Roof' });
  await says(page.locator('.decision').first(), /allowed 300 W/);
  await checkAccessible(page, 'why');
  await shoot(page, 'real-why-pc-light');

  await go(page, 'settings');
  await field(page, 'Most feed-in').waitFor();
  await radio(page, 'No limit').check();
  await button(page, 'Save').click();
  await says(page, 'Saved. In force from the next second.');
  await until(page, 'overview', (one) => feedIn(one) > 1500);
  await close(page);
});
