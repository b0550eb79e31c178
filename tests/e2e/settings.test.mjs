// Settings: checked while typing, kept by the gateway, with who changed them last.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { account, checkAccessible, checkLayout, close, go, needsMock, open, setState, shoot, shutDown } from './browser.mjs';

before(() => setState('reset'));
after(async () => { await setState('reset'); await shutDown(); });

test('the feed-in limit is changed, and a wrong value never leaves the page', async () => {
  const page = await open();
  await go(page, 'settings');
  await page.getByRole('radio', { name: 'Limit in %' }).check();
  const share = page.getByLabel('Share of the installed power');
  await share.fill('160');
  await page.getByText('Choose 0 % to 100 %.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Save' }).isDisabled(), true);
  await checkAccessible(page, 'settings with an error');
  await shoot(page, 'settings-error-pc-light');
  await share.fill('55');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved. In force from the next second.').waitFor();
  await page.reload();
  await page.getByText(`Last changed by ${account.username}`).waitFor();
  assert.equal(await share.inputValue(), '55');
  await share.fill('60');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved. In force from the next second.').waitFor();
  await close(page);
});

test('theme and language follow at once and stay', async () => {
  const page = await open();
  await go(page, 'settings');
  await page.getByRole('radio', { name: 'Dark' }).check();
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  await page.getByRole('radio', { name: 'Deutsch' }).check();
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  await checkAccessible(page, 'German settings');
  await checkLayout(page, 'German settings');
  await close(page);
});

test('the password can be changed', needsMock, async () => {
  const page = await open({ size: 'phone' });
  await go(page, 'settings');
  await page.locator('summary').getByText('Change password').click();
  await page.getByLabel('Present password').fill('not it');
  await page.getByLabel('New password').fill('a new and long one');
  await page.getByLabel('Password again').fill('a new and long one');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('The present password is wrong.').waitFor();
  await page.getByLabel('Present password').fill(account.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Other sessions of this account have ended.').waitFor();
  await checkLayout(page, 'password change');
  await close(page);
});
