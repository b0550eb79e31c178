// A new gateway: the first account, with help beside each field.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { account, base, button, checkAccessible, checkLayout, close, code, field, flow, heading, open, radio, says, setState, shoot, shutDown } from './browser.mjs';

beforeEach(() => setState('reset'));
after(async () => { await setState('reset'); await shutDown(); });

test('the first account is made with the printed code', async () => {
  await setState('setup');
  const page = await open({ signedIn: false, size: 'phone' });
  await page.goto(base);
  await heading(page, 'Welcome').waitFor();
  await checkAccessible(page, 'setup');
  await checkLayout(page, 'setup');

  const submit = button(page, 'Create account');
  assert.equal(await submit.isDisabled(), true);
  await field(page, 'Setup code').fill('wxyz wxyz wxyz wxyz');
  assert.equal(await field(page, 'Setup code').inputValue(), 'WXYZ-WXYZ-WXYZ-WXYZ');
  await field(page, 'User name').fill('Bert');
  await field(page, 'Password').fill('bert bert');
  assert.match(await page.locator('.rules').innerText(), /At least 10 characters/);
  assert.equal(await page.locator('.rules .is-met').count(), 0);
  await field(page, 'Password').fill('sunny roof 8 kW');
  await field(page, 'Password again').fill('sunny roof 8 kW');
  await page.waitForFunction(() => document.querySelectorAll('.rules .is-met').length === 4);
  await shoot(page, 'setup-phone-light', { full: true });

  await submit.click();
  await says(page, 'This is not the setup code');
  await field(page, 'Setup code').fill(code.toLowerCase().replaceAll('-', ''));
  await submit.click();
  await flow(page).waitFor();
  await close(page);
});

test('the language can be chosen before anything else', async () => {
  await setState('setup');
  const page = await open({ signedIn: false });
  await page.goto(base);
  await radio(page, 'Deutsch').check();
  await heading(page, 'Willkommen').waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  await page.reload();
  await heading(page, 'Willkommen').waitFor();
  await shoot(page, 'setup-pc-german');
  await close(page);
});
