// The first thing people see: one sentence, the picture, the numbers; and what happens when something is unknown.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, checkLayout, close, go, needsMock, open, setState, shoot, shutDown } from './browser.mjs';

before(() => setState('reset'));
after(async () => { await setState('reset'); await shutDown(); });

test('says what happens, and every line follows a value', async () => {
  const page = await open();
  await go(page, 'overview');
  const picture = page.getByRole('region', { name: 'Energy flow now' });
  await picture.waitFor();
  assert.match(await page.getByRole('heading', { level: 1 }).innerText(), /\.$/);
  for (const node of ['pv', 'grid', 'battery', 'house']) {
    const tile = picture.locator(`[data-node=${node}]`);
    const direction = await tile.getAttribute('data-direction');
    assert.match(direction, /forward|backward|still|unknown/);
    if (direction !== 'unknown') assert.match(await tile.locator('.figure').first().innerText(), /^[\d.,]+\s(k?W)$/);
  }
  const day = page.getByRole('group', { name: 'Last 24 hours' });
  if (await day.count()) {
    await day.focus();
    await page.keyboard.press('ArrowLeft');
    await page.locator('.legend').getByText(/\d\d:\d\d – \d\d:\d\d/).waitFor();
  }
  await close(page);
});

test('values move without a reload', async () => {
  const page = await open();
  await go(page, 'overview');
  await page.getByRole('region', { name: 'Energy flow now' }).waitFor();
  const values = () => page.locator('.tile-value .figure').evaluateAll((all) => all.map((one) => one.title.split(' · ')[0]).join());
  const first = await values();
  await page.waitForFunction((old) => [...document.querySelectorAll('.tile-value .figure')].map((one) => one.title.split(' · ')[0]).join() !== old, first);
  await close(page);
});

test('a silent meter is unknown, dashed and dated, not zero', needsMock, async () => {
  await setState('stale');
  const page = await open({ size: 'phone' });
  await go(page, 'overview');
  const grid = page.locator('[data-node=grid]');
  await grid.getByText(/no value for 1\smin/).waitFor();
  assert.equal(await grid.getAttribute('data-direction'), 'unknown');
  assert.equal(await page.locator('line.leg-unknown').count(), 2);
  assert.doesNotMatch(await grid.innerText(), /\b0\sW/);
  await checkAccessible(page, 'stale overview');
  await checkLayout(page, 'stale overview');
  await shoot(page, 'overview-stale-phone-light', { full: true });
  await setState('normal');
  await page.locator('[data-node=grid][data-direction=backward]').waitFor();
  await close(page);
});

test('an empty site teaches what to do', needsMock, async () => {
  await setState('empty');
  const page = await open();
  await go(page, 'overview');
  await page.getByRole('heading', { name: 'No devices yet' }).waitFor();
  await shoot(page, 'overview-empty-pc-light');
  for (const route of ['history', 'devices', 'why']) {
    await go(page, route);
    await page.locator('.empty').waitFor();
    await checkAccessible(page, `empty ${route}`);
  }
  await setState('normal');
  await close(page);
});

test('motion stops for those who ask', async () => {
  const page = await open({ motion: 'reduce' });
  await go(page, 'overview');
  await page.getByRole('region', { name: 'Energy flow now' }).waitFor();
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  await close(page);
});
