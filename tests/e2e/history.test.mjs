// Curves: choose, change the range, zoom with mouse and keys, read as a table, export.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { base, button, checkAccessible, close, drawn, go, link, open, radio, says, setState, shoot, shutDown } from './browser.mjs';

beforeEach(() => setState('reset'));
after(shutDown);

// Opens the page and waits for its curves. The last question for curves is kept in `page.asked`.
async function openHistory(options) {
  const page = await open(options);
  page.on('request', (request) => { if (request.url().includes('/api/v1/history?')) page.asked = request.url(); });
  await go(page, 'history');
  await drawn(page);
  return page;
}
// The next question that is not the last one again.
function asked(page) {
  const last = page.asked;
  return page.waitForRequest((request) => request.url().includes('/api/v1/history?') && request.url() !== last);
}
const rangeOf = (request) => {
  const query = new URL(request.url()).searchParams;
  return { series: query.getAll('series'), from: Number(query.get('from')), to: Number(query.get('to')) };
};

const siteClock = (options) => (at) => new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', ...options }).format(at);
const clockOf = siteClock({ hour: '2-digit', minute: '2-digit' });
const weekdayOf = siteClock({ weekday: 'short' });

test('curves of one unit share a panel and can be chosen by search', async () => {
  const page = await openHistory();
  const before = await page.locator('.curve').count();
  await button(page, 'Choose curves').click();
  await page.getByRole('searchbox').fill('charge state');
  await page.locator('.pick').first().waitFor();
  const request = asked(page);
  await page.locator('.pick').first().click();
  assert.equal(rangeOf(await request).series.length, before + 1);
  await checkAccessible(page, 'picker');
  await shoot(page, 'history-picker-pc-light');
  await button(page, 'Done').click();
  await page.locator('.panel').nth(1).waitFor();
  assert.equal(await page.locator('.curve').count(), before + 1);
  await page.locator('.curve button').last().click();
  await page.waitForFunction((count) => document.querySelectorAll('.curve').length === count, before);
  await close(page);
});

test('drag and keys zoom, and one key shows all again', async () => {
  const page = await openHistory();
  const yesterday = asked(page); // today may be too young to have values everywhere
  await button(page, 'Earlier').click();
  await yesterday;
  await drawn(page);
  await says(page, 'Drag to zoom, double-click for the whole range.');
  const over = page.locator('.chart .u-over').first();
  const { width } = await over.boundingBox();
  const zoom = asked(page);
  await over.hover({ position: { x: width * 0.2, y: 80 } });
  await page.mouse.down();
  await over.hover({ position: { x: width * 0.3, y: 85 } });
  await over.hover({ position: { x: width * 0.4, y: 90 } });
  await page.mouse.up();
  const zoomed = rangeOf(await zoom);
  const hours = (zoomed.to - zoomed.from) / 3_600_000;
  assert.ok(hours > 4.4 && hours < 5.2, `${hours} h`); // a fifth of a day, also of one with 23 or 25 hours
  await drawn(page);
  await button(page, 'Whole range').waitFor();

  await page.locator('.panel-plot').first().focus();
  const closer = asked(page);
  await page.keyboard.press('+');
  const nearer = rangeOf(await closer);
  assert.ok(Math.abs((nearer.to - nearer.from) / (zoomed.to - zoomed.from) - 0.5) < 0.01);
  await drawn(page);
  const whole = asked(page);
  await page.keyboard.press('0');
  const all = rangeOf(await whole);
  assert.deepEqual([clockOf(all.from), clockOf(all.to)], ['00:00', '00:00']);
  await close(page);
});

test('week and month start where the calendar says', async () => {
  const page = await openHistory();
  let request = asked(page);
  await radio(page, 'Week').check();
  const week = rangeOf(await request);
  assert.equal(Math.round((week.to - week.from) / 86_400_000), 7);
  assert.deepEqual([weekdayOf(week.from), clockOf(week.from), weekdayOf(week.to), clockOf(week.to)], ['Mon', '00:00', 'Mon', '00:00']);
  await drawn(page);
  request = asked(page);
  await button(page, 'Earlier').click();
  assert.equal(rangeOf(await request).to, week.from);
  await drawn(page);
  await shoot(page, 'history-week-pc-light');
  await close(page);
});

test('the same in numbers, and as a file', async () => {
  const page = await openHistory();
  await page.locator('summary').getByText('As a table').click();
  await page.locator('.as-table tbody tr').first().waitFor();
  assert.ok((await page.locator('.as-table tbody tr').count()) <= 48);
  await checkAccessible(page, 'history table');
  const href = await link(page, 'Export CSV').getAttribute('href');
  const csv = await page.request.get(base + href);
  assert.match(await csv.text(), /^time,/);
  await close(page);
});

test('a gap is a gap', async () => {
  const page = await openHistory();
  const { now } = await (await page.request.get(`${base}/api/v1/status`)).json();
  const off = now - 3 * 86_400_000 + 5_400_000; // the mock's gateway was off for three hours, three days ago
  let range;
  do {
    const request = asked(page);
    await button(page, 'Earlier').click();
    range = rangeOf(await request);
    await drawn(page);
  } while (range.from > off);
  const over = page.locator('.chart .u-over').first();
  const { width } = await over.boundingBox();
  await over.hover({ position: { x: (width * (off - range.from)) / (range.to - range.from), y: 60 } });
  await says(page.locator('.curve-values').first(), 'no data');
  await shoot(page, 'history-gap-pc-light');
  await close(page);
});

test('fingers pinch, and the help says so', async () => {
  const page = await openHistory({ size: 'phone' });
  await says(page, 'Pinch to zoom, drag sideways to move.');
  assert.equal(await page.getByText('double-click').count(), 0);
  const over = page.locator('.chart .u-over').first();
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
