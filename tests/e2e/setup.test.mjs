// A new gateway: the first account, with help beside each field.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { base, code, checkAccessible, checkLayout, close, needsMock, open, setState, shoot, shutDown } from './browser.mjs';

after(async () => { await setState('reset'); await shutDown(); });

test('the first account is made with the printed code', needsMock, async () => {
  await setState('setup');
  const page = await open({ signedIn: false, size: 'phone' });
  await page.goto(base);
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  await checkAccessible(page, 'setup');
  await checkLayout(page, 'setup');

  const submit = page.getByRole('button', { name: 'Create account' });
  assert.equal(await submit.isDisabled(), true);
  await page.getByLabel('One-time code').fill('wxyz wxyz wxyz wxyz');
  assert.equal(await page.getByLabel('One-time code').inputValue(), 'WXYZ-WXYZ-WXYZ-WXYZ');
  await page.getByLabel('User name').fill('Bert');
  await page.getByLabel('Password', { exact: true }).fill('bert bert');
  assert.match(await page.locator('.rules').innerText(), /At least 10 characters/);
  assert.equal(await page.locator('.rules .is-met').count(), 0);
  await page.getByLabel('Password', { exact: true }).fill('sunny roof 8 kW');
  await page.getByLabel('Password again').fill('sunny roof 8 kW');
  assert.equal(await page.locator('.rules .is-met').count(), 4);
  await shoot(page, 'setup-phone-light', { full: true });

  await submit.click();
  await page.getByText('This code is not right').waitFor();
  await page.getByLabel('One-time code').fill(code.toLowerCase().replaceAll('-', ''));
  await submit.click();
  await page.getByRole('region', { name: 'Energy flow now' }).waitFor();
  await close(page);
});

test('the language can be chosen before anything else', needsMock, async () => {
  await setState('setup');
  const page = await open({ signedIn: false });
  await page.goto(base);
  await page.getByRole('radio', { name: 'Deutsch' }).check();
  await page.getByRole('heading', { name: 'Willkommen' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  await page.reload();
  await page.getByRole('heading', { name: 'Willkommen' }).waitFor();
  await shoot(page, 'setup-pc-german');
  await close(page);
});
