// Signing in: wrong password, lock-out with the remaining time, recent sign-ins, an ended session.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { account, base, button, checkAccessible, close, field, flow, heading, open, region, says, setState, shoot, shutDown } from './browser.mjs';

beforeEach(() => setState('reset'));
after(async () => { await setState('reset'); await shutDown(); });

const enter = async (page, password) => {
  await field(page, 'User name').fill(account.username);
  await field(page, 'Password').fill(password);
  await button(page, 'Sign in').click();
};

test('who was here fits a small phone, in the longer language too', async () => {
  const page = await open({ signedIn: false, size: 'tiny', language: 'de-DE' });
  await page.goto(base);
  await field(page, 'Benutzername').fill(account.username);
  await field(page, 'Passwort').fill(account.password);
  await button(page, 'Anmelden').click();
  const logins = region(page, 'Letzte Anmeldungen');
  await logins.waitFor();
  const beyond = await logins.evaluate((card) => {
    const edge = card.getBoundingClientRect().right;
    return [...card.querySelectorAll('*')].filter((part) => part.getBoundingClientRect().right > edge).map((part) => part.textContent);
  });
  assert.deepEqual(beyond, []);
  await close(page);
});

test('shows who was here, once', async () => {
  const page = await open({ signedIn: false });
  await page.goto(base);
  await heading(page, 'Sign in').waitFor();
  await checkAccessible(page, 'login');
  await enter(page, 'wrong wrong wrong');
  await says(page.getByRole('alert'), 'User name or password is wrong.');
  assert.equal(await field(page, 'Password').inputValue(), '');
  await enter(page, account.password);
  const logins = region(page, 'Recent sign-ins');
  await says(logins, 'wrong password');
  await says(logins, '192.168.8.77');
  await checkAccessible(page, 'recent sign-ins');
  await shoot(page, 'recent-logins-pc-light');
  await button(logins, 'These were all me').click();
  await logins.waitFor({ state: 'detached' });
  await page.reload();
  await flow(page).waitFor();
  assert.equal(await logins.count(), 0);
  await close(page);
});

test('locks out after five failures and says for how long', async () => {
  const page = await open({ signedIn: false, size: 'phone' });
  await page.goto(base);
  for (let i = 0; i < 5; i += 1) {
    const answer = page.waitForResponse((one) => one.url().endsWith('/api/v1/session') && one.request().method() === 'POST');
    await enter(page, 'wrong wrong wrong');
    await answer;
    await page.waitForFunction(() => document.querySelector('#password')?.value === '');
  }
  await says(page, /Sign-in opens again in \d+\smin/);
  assert.equal(await button(page, 'Sign in').isDisabled(), true);
  await checkAccessible(page, 'lock-out');
  await shoot(page, 'locked-out-phone-light');
  await close(page);
});

test('signing out leaves nothing behind', async () => {
  const page = await open();
  await page.goto(`${base}/#/settings`);
  await button(page, 'Sign out').click();
  await heading(page, 'Sign in').waitFor();
  assert.equal(await page.getByText('Energy flow').count(), 0);
  await close(page);
});
