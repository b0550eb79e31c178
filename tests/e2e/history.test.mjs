// Curves: choose, change the range, zoom with mouse and keys, read as a table, export.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { base, checkAccessible, close, go, needsMock, open, setState, shoot, shutDown } from './browser.mjs';

before(() => setState('reset'));
after(shutDown);

const asked = (page) => page.waitForRequest((request) => request.url().includes('/api/v1/history?'));
const rangeOf = (request) => {
  const query = new URL(request.url()).searchParams;
  return { series: query.getAll('series'), from: Number(query.get('from')), to: Number(query.get('to')) };
};

test('curves of one unit share a panel and can be chosen by search', async () => {
  const page = await open();
  await go(page, 'history');
  await page.locator('.chart canvas').first().waitFor();
  const before = await page.locator('.curve').count();
  await page.getByRole('button', { name: 'Choose curves' }).click();
  await page.getByRole('searchbox').fill('charge state');
  await page.locator('.pick').first().waitFor();
  const request = asked(page);
  await page.locator('.pick').first().click();
  assert.equal(rangeOf(await request).series.length, before + 1);
  await checkAccessible(page, 'picker');
  await shoot(page, 'history-picker-pc-light');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.locator('.panel').nth(1).waitFor();
  assert.equal(await page.locator('.curve').count(), before + 1);
  await page.locator('.curve').last().getByRole('button').click();
  await page.waitForFunction((count) => document.querySelectorAll('.curve').length === count, before);
  await close(page);
});

test('drag and keys zoom, and one key shows all again', async () => {
  const page = await open();
  await go(page, 'history');
  await page.locator('.chart .u-over').first().waitFor();
  const box = await page.locator('.chart .u-over').first().boundingBox();
  const zoom = asked(page);
  await page.mouse.move(box.x + box.width * 0.2, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.4, box.y + 90, { steps: 4 });
  await page.mouse.up();
  const zoomed = rangeOf(await zoom);
  const hours = (zoomed.to - zoomed.from) / 3_600_000;
  assert.ok(hours > 4.5 && hours < 5.1, `${hours} h`);
  await page.getByRole('button', { name: 'Whole range' }).waitFor();

  await page.locator('.panel-plot').first().focus();
  const closer = asked(page);
  await page.keyboard.press('+');
  const nearer = rangeOf(await closer);
  assert.ok(Math.abs((nearer.to - nearer.from) / (zoomed.to - zoomed.from) - 0.5) < 0.01);
  const whole = asked(page);
  await page.keyboard.press('0');
  const all = rangeOf(await whole);
  assert.equal((all.to - all.from) / 3_600_000, 24);
  await close(page);
});

test('week and month start where the calendar says', async () => {
  const page = await open();
  await go(page, 'history');
  await page.locator('.chart canvas').first().waitFor();
  let request = asked(page);
  await page.getByRole('radio', { name: 'Week' }).check();
  const week = rangeOf(await request);
  assert.equal((week.to - week.from) / 86_400_000, 7);
  assert.equal(new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Berlin' }).format(week.from), 'Mon 00:00');
  request = asked(page);
  await page.getByRole('button', { name: 'Earlier' }).click();
  assert.equal(rangeOf(await request).to, week.from);
  await page.locator('.chart canvas').first().waitFor();
  await shoot(page, 'history-week-pc-light');
  await close(page);
});

test('the same in numbers, and as a file', async () => {
  const page = await open();
  await go(page, 'history');
  await page.locator('.chart canvas').first().waitFor();
  await page.getByText('As a table').click();
  await page.locator('.as-table tbody tr').first().waitFor();
  assert.ok((await page.locator('.as-table tbody tr').count()) <= 48);
  await checkAccessible(page, 'history table');
  const href = await page.getByRole('link', { name: 'Export CSV' }).getAttribute('href');
  const csv = await page.request.get(base + href);
  assert.match(await csv.text(), /^time,/);
  await close(page);
});

test('a gap is a gap', needsMock, async () => {
  const page = await open();
  await go(page, 'history');
  await page.locator('.chart canvas').first().waitFor();
  for (let i = 0; i < 3; i += 1) {
    const request = asked(page);
    await page.getByRole('button', { name: 'Earlier' }).click();
    await request;
  }
  await page.waitForTimeout(300);
  const over = page.locator('.chart .u-over').first();
  const box = await over.boundingBox();
  await page.mouse.move(box.x + box.width * (13 / 24), box.y + 60); // the mock's gateway was off from 11:25 to 14:25
  await page.locator('.curve-values').first().getByText('no data').waitFor();
  await shoot(page, 'history-gap-pc-light');
  await close(page);
});

test('fingers pinch', needsMock, async () => {
  const page = await open({ size: 'phone' });
  await go(page, 'history');
  const over = page.locator('.chart .u-over').first();
  await over.waitFor();
  const request = asked(page);
  await over.evaluate(async (element) => {
    const { left, top, width } = element.getBoundingClientRect();
    const send = async (type, id, x) => {
      element.dispatchEvent(new PointerEvent(type, { pointerId: id, pointerType: 'touch', clientX: left + width * x, clientY: top + 50, bubbles: true }));
      await new Promise(requestAnimationFrame);
    };
    await send('pointerdown', 1, 0.4);
    await send('pointerdown', 2, 0.6);
    await send('pointermove', 1, 0.1);
    await send('pointermove', 2, 0.9);
    await send('pointerup', 1, 0.1);
    await send('pointerup', 2, 0.9);
  });
  const { from, to } = rangeOf(await request);
  const hours = (to - from) / 3_600_000;
  assert.ok(hours > 5 && hours < 7, `${hours} h`);
  await close(page);
});
