// The gateway's process dies and comes back: values grow old in sight, and everything returns by itself.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { checkAccessible, checkLayout, close, flow, go, open, says, shoot, shutDown } from '../browser.mjs';

after(shutDown);

async function tell(what) {
  const answer = await fetch(`${process.env.BUSBAR_E2E_CONTROL}/${what}`, { method: 'POST' });
  assert.ok(answer.ok, await answer.text());
}

test('killed: last values grey and dated; back: live again without a hand', async () => {
  const page = await open({ size: 'phone' });
  await go(page, 'overview');
  await flow(page).waitFor();
  await page.locator('[data-node=grid]:not(.is-unknown)').waitFor();
  await tell('kill');
  await says(page, /Connection lost \d+\s(s|min) ago/);
  await says(page.locator('[data-node=grid].is-unknown'), /ago/);
  await says(page, 'No connection');
  assert.match(await page.locator('[data-node=grid] .figure').innerText(), /W$/);
  await checkAccessible(page, 'killed gateway');
  await checkLayout(page, 'killed gateway');
  await shoot(page, 'real-lost-phone-light', { full: true });
  await tell('start');
  await page.getByText(/Connection lost/).waitFor({ state: 'detached' });
  await page.locator('[data-node=grid]:not(.is-unknown)').waitFor();
  await close(page);
});
