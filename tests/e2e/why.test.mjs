// Why: the last setpoints, who decided what, and any past moment.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { button, checkAccessible, close, field, go, open, says, setState, shutDown } from './browser.mjs';

beforeEach(() => setState('reset'));
after(shutDown);

test('the newest decision is open and names its reasons', async () => {
  const page = await open();
  await go(page, 'why');
  const chain = page.getByRole('list', { name: 'Who decided what', exact: true });
  await chain.waitFor();
  await says(chain, 'Result');
  assert.ok((await chain.getByRole('listitem').count()) >= 2);
  await checkAccessible(page, 'why');
  await page.locator('.decision-head[aria-expanded=true]').click();
  await chain.waitFor({ state: 'detached' });
  await close(page);
});

test('older ones come on demand, without repeats', async () => {
  const page = await open();
  await go(page, 'why');
  await page.locator('.decision').first().waitFor();
  const request = page.waitForRequest((one) => one.url().includes('before='));
  await button(page, 'Show older').click();
  await request;
  await page.getByRole('combobox', { name: 'Device', exact: true }).selectOption({ label: 'Roof' });
  await page.waitForFunction(() => [...document.querySelectorAll('.decision-device')].every((one) => one.textContent === 'Roof'));
  await close(page);
});

test('asks for a past moment', async () => {
  const page = await open();
  await go(page, 'why');
  await page.locator('.decision, .empty').first().waitFor();
  const request = page.waitForRequest((one) => one.url().includes('before='));
  await field(page, 'At or before').fill('2026-06-20T10:00');
  const before = Number(new URL((await request).url()).searchParams.get('before'));
  assert.equal(before, Date.parse('2026-06-20T08:01:00Z')); // the minute of the site's clock, to its end
  await button(page, 'Now').click();
  await button(page, 'Now').waitFor({ state: 'detached' });
  await close(page);
});
