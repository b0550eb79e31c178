// The first thing people see: one sentence, the picture, the numbers; and what happens when something is unknown.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { checkAccessible, checkLayout, close, flow, go, heading, open, says, setState, shoot, shutDown } from './browser.mjs';

beforeEach(() => setState('reset'));
after(async () => { await setState('reset'); await shutDown(); });

test('says what happens, and every line follows a value', async () => {
  const page = await open();
  await go(page, 'overview');
  const picture = flow(page);
  await picture.waitFor();
  assert.match(await page.getByRole('heading', { level: 1 }).innerText(), /\.$/);
  for (const node of ['pv', 'grid', 'battery', 'house']) {
    const tile = picture.locator(`[data-node=${node}]`);
    const direction = await tile.getAttribute('data-direction');
    assert.match(direction, /forward|backward|still|unknown/);
    if (direction !== 'unknown') assert.match(await tile.locator('.figure').first().innerText(), /^[\d.,]+\s(k?W)$/);
  }
  await page.getByRole('group', { name: 'Last 24 hours', exact: true }).focus();
  await page.keyboard.press('ArrowLeft');
  await says(page.locator('.legend'), /\d\d:\d\d – \d\d:\d\d/);
  await close(page);
});

test('values move without a reload', async () => {
  const page = await open();
  await go(page, 'overview');
  await flow(page).waitFor();
  const values = () => page.locator('.tile-value .figure').evaluateAll((all) => all.map((one) => one.title.split(' · ')[0]).join());
  const first = await values();
  await page.waitForFunction((old) => [...document.querySelectorAll('.tile-value .figure')].map((one) => one.title.split(' · ')[0]).join() !== old, first);
  await close(page);
});

test('a silent meter is unknown, dashed and dated, not zero', async () => {
  await setState('stale');
  const page = await open({ size: 'phone' });
  await go(page, 'overview');
  const grid = page.locator('[data-node=grid]');
  await says(grid, /no value for \d+\smin/);
  assert.equal(await grid.getAttribute('data-direction'), 'unknown');
  assert.equal(await page.locator('line.leg-unknown').count(), 2);
  assert.doesNotMatch(await grid.innerText(), /\b0\sW/);
  await checkAccessible(page, 'stale overview');
  await checkLayout(page, 'stale overview');
  await shoot(page, 'overview-stale-phone-light', { full: true });
  await setState('normal');
  await page.locator('[data-node=grid]:not(.is-unknown)').waitFor();
  await close(page);
});

test('an empty site teaches what to do', async () => {
  await setState('empty');
  const page = await open();
  await go(page, 'overview');
  await heading(page, 'No devices yet').waitFor();
  await shoot(page, 'overview-empty-pc-light');
  for (const route of ['history', 'devices', 'why']) {
    await go(page, route);
    await page.locator('.empty').first().waitFor();
    await checkAccessible(page, `empty ${route}`);
  }
  await close(page);
});

test('motion stops for those who ask', async () => {
  const page = await open({ motion: 'reduce' });
  await go(page, 'overview');
  await flow(page).waitFor();
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  await close(page);
});
