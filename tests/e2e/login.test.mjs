// Signing in: wrong password, lock-out with the remaining time, recent sign-ins, an ended session.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { account, base, checkAccessible, close, needsMock, open, setState, shoot, shutDown } from './browser.mjs';

before(() => setState('reset'));
after(async () => { await setState('reset'); await shutDown(); });

const enter = async (page, password) => {
  await page.getByLabel('User name').fill(account.username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
};

test('shows who was here, once', needsMock, async () => {
  const page = await open({ signedIn: false });
  await page.goto(base);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await checkAccessible(page, 'login');
  await enter(page, 'wrong wrong wrong');
  await page.getByRole('alert').getByText('User name or password is wrong.').waitFor();
  assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '');
  await enter(page, account.password);
  const logins = page.getByRole('region', { name: 'Recent sign-ins' });
  await logins.getByText('wrong password').waitFor();
  await logins.getByText('192.168.8.77').waitFor();
  await checkAccessible(page, 'recent sign-ins');
  await shoot(page, 'recent-logins-pc-light');
  await logins.getByRole('button').click();
  assert.equal(await logins.count(), 0);
  await page.reload();
  await page.getByRole('region', { name: 'Energy flow now' }).waitFor();
  assert.equal(await logins.count(), 0);
  await close(page);
});

test('locks out after five failures and says for how long', needsMock, async () => {
  const page = await open({ signedIn: false, size: 'phone' });
  await page.goto(base);
  for (let i = 0; i < 5; i += 1) {
    await enter(page, 'wrong wrong wrong');
    await page.locator('.notice').waitFor();
    await page.waitForFunction(() => document.querySelector('#password')?.value === '');
  }
  await page.getByText(/Sign-in opens again in (10|9)\smin/).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Sign in' }).isDisabled(), true);
  await checkAccessible(page, 'lock-out');
  await shoot(page, 'locked-out-phone-light');
  await close(page);
});

test('signing out leaves nothing behind', needsMock, async () => {
  await setState('reset');
  const page = await open();
  await page.goto(`${base}/#/settings`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await page.getByText('Energy flow').count(), 0);
  await close(page);
});
