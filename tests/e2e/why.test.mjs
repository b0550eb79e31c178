// Why: the last setpoints, who decided what, and any past moment.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkAccessible, close, go, mock, needsMock, open, setState, shutDown } from './browser.mjs';

before(() => setState('reset'));
after(shutDown);

test('the newest decision is open and names its reasons', async () => {
  const page = await open();
  await go(page, 'why');
  const chain = page.getByRole('list', { name: 'Who decided what' });
  await chain.waitFor();
  await chain.getByText('Result').waitFor();
  assert.ok((await chain.getByRole('listitem').count()) >= 2);
  await checkAccessible(page, 'why');
  await page.locator('.decision-head').first().click();
  assert.equal(await chain.count(), 0);
  await close(page);
});

test('older ones come on demand, without repeats', needsMock, async () => {
  const page = await open();
  await go(page, 'why');
  await page.locator('.decision').first().waitFor();
  const request = page.waitForRequest((one) => one.url().includes('before='));
  await page.getByRole('button', { name: 'Show older' }).click();
  await request;
  await page.getByLabel('Device').selectOption({ label: 'Roof' });
  await page.waitForFunction(() => [...document.querySelectorAll('.decision-device')].every((one) => one.textContent === 'Roof'));
  await close(page);
});

test('asks for a past moment', async () => {
  const page = await open();
  await go(page, 'why');
  await page.locator('.decision, .empty').first().waitFor();
  const request = page.waitForRequest((one) => one.url().includes('before='));
  await page.getByLabel('At or before').fill(mock ? '2026-06-20T10:00' : '2026-01-01T10:00');
  const before = Number(new URL((await request).url()).searchParams.get('before'));
  if (mock) assert.equal(before, Date.parse('2026-06-20T08:01:00Z'));
  await page.getByRole('button', { name: 'Now', exact: true }).click();
  await close(page);
});
