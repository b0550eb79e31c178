// A new gateway with its own certificate: the printed code makes the first account, and nothing else opens the door.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { account, base, button, checkAccessible, checkLayout, close, code, field, flow, heading, open, says, shoot, shutDown } from '../browser.mjs';

after(shutDown);

test('the printed code makes the first account, a wrong one does not', async () => {
  const page = await open({ signedIn: false, size: 'phone' });
  await page.goto(base);
  await heading(page, 'Welcome').waitFor();
  await checkAccessible(page, 'setup');
  await checkLayout(page, 'setup');
  await field(page, 'User name').fill(account.username);
  await field(page, 'Password').fill(account.password);
  await field(page, 'Password again').fill(account.password);
  await field(page, 'Setup code').fill('0000 0000 0000 0000');
  await button(page, 'Create account').click();
  await says(page, 'This is not the setup code');
  await shoot(page, 'real-setup-wrong-code-phone', { full: true });
  await field(page, 'Setup code').fill(code);
  await button(page, 'Create account').click();
  await flow(page).waitFor();
  const cookies = await page.context().cookies();
  assert.deepEqual(cookies.map(({ name, httpOnly, secure, sameSite, path }) => ({ name, httpOnly, secure, sameSite, path })),
    [{ name: '__Host-busbar', httpOnly: true, secure: true, sameSite: 'Strict', path: '/' }]);
  await close(page);
});

test('who comes next signs in, and the code is worth nothing', async () => {
  const page = await open({ signedIn: false });
  const again = await page.request.post(`${base}/api/v1/setup`, { data: { code, username: 'mallory', password: 'another long one, 9', language: 'en' } });
  assert.equal(again.status(), 409);
  await page.goto(base);
  await field(page, 'User name').fill(account.username);
  await field(page, 'Password').fill('not this one');
  await button(page, 'Sign in').click();
  await says(page, 'User name or password is wrong.');
  await field(page, 'Password').fill(account.password);
  await button(page, 'Sign in').click();
  await says(page, 'Recent sign-ins');
  await says(page, 'wrong password');
  await shoot(page, 'real-recent-sign-ins-pc');
  await close(page);
});

test('the page comes small, is asked for again cheaply, and its parts are kept for ever', async () => {
  const page = await open({ signedIn: false });
  const html = await page.request.get(base);
  const headers = html.headers();
  assert.match(headers['content-security-policy'], /default-src 'self'/);
  assert.match(headers['strict-transport-security'], /max-age=\d{6,}/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  const again = await page.request.get(base, { headers: { 'If-None-Match': headers.etag } });
  assert.equal(again.status(), 304);
  const parts = [...(await html.text()).matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
  assert.ok(parts.length >= 2, parts.join());
  for (const part of parts) {
    const answer = await page.request.get(base + part, { headers: { 'Accept-Encoding': 'gzip' } });
    assert.match(answer.headers()['cache-control'], /immutable/, part);
    assert.equal(answer.headers()['content-encoding'], 'gzip', part);
  }
  await close(page);
});
