// Settings: checked while typing, kept by the gateway, with who changed them last.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { account, button, checkAccessible, checkLayout, close, field, go, heading, open, radio, says, setState, shoot, shutDown } from './browser.mjs';

beforeEach(() => setState('reset'));
after(async () => { await setState('reset'); await shutDown(); });

test('the feed-in limit is changed, and a wrong value never leaves the page', async () => {
  const page = await open();
  await go(page, 'settings');
  await radio(page, 'Limit in %').check();
  const share = field(page, 'Share of the installed power');
  await share.fill('160');
  await says(page, 'Choose 0 % to 100 %.');
  assert.equal(await button(page, 'Save').isDisabled(), true);
  await checkAccessible(page, 'settings with an error');
  await shoot(page, 'settings-error-pc-light');
  await share.fill('55');
  await button(page, 'Save').click();
  await says(page, 'Saved. In force from the next second.');
  await page.reload();
  await says(page, `Last changed by ${account.username}`);
  assert.equal(await share.inputValue(), '55');
  await share.fill('60');
  await button(page, 'Save').click();
  await says(page, 'Saved. In force from the next second.');
  await close(page);
});

test('theme and language follow at once and stay', async () => {
  const page = await open();
  await go(page, 'settings');
  await radio(page, 'Dark').check();
  await page.locator('html[data-theme=dark]').waitFor();
  await radio(page, 'Deutsch').check();
  await heading(page, 'Einstellungen').waitFor();
  await page.reload();
  await heading(page, 'Einstellungen').waitFor();
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  await checkAccessible(page, 'German settings');
  await checkLayout(page, 'German settings');
  await close(page);
});

test('the password can be changed', async () => {
  const page = await open({ size: 'phone' });
  await go(page, 'settings');
  await page.locator('summary').getByText('Change password').click();
  await field(page, 'Present password').fill('not it');
  await field(page, 'New password').fill('a new and long one');
  await field(page, 'Password again').fill('a new and long one');
  await button(page, 'Change password').click();
  await says(page, 'The present password is wrong.');
  await field(page, 'Present password').fill(account.password);
  await button(page, 'Change password').click();
  await says(page, 'Other sessions of this account have ended.');
  await checkLayout(page, 'password change');
  await close(page);
});
