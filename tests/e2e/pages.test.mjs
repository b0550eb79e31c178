// Every page on a phone and on a PC, light and dark: accessible, nothing cut off, and a picture to look at.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { checkAccessible, checkLayout, close, drawn, go, open, painted, setState, shoot, shutDown } from './browser.mjs';

beforeEach(() => setState('reset'));
after(shutDown);

const PAGES = [
  ['overview', 'overview', '.energy'], ['history', 'history', '.chart canvas'], ['devices', 'devices', '.device'], ['buses', 'devices?tab=buses', '.bus'],
  ['device', 'devices/storage', '.point'], ['why', 'why', '.decision'], ['alarms', 'alarms', '.section-title'], ['settings', 'settings', '.control-form'],
];

for (const size of ['phone', 'pc']) {
  for (const scheme of ['light', 'dark']) {
    // The longest words meet the narrowest and the widest window once each.
    for (const language of (size === 'phone') === (scheme === 'light') ? ['en-GB', 'de-DE'] : ['en-GB']) {
      test(`${size} ${scheme} ${language}`, async () => {
        const page = await open({ size, scheme, language });
        for (const [name, route, sign] of PAGES) {
          const label = `${name}-${size}-${scheme}${language === 'de-DE' ? '-german' : ''}`;
          await go(page, route);
          await page.locator(sign).first().waitFor();
          if (name === 'history') await drawn(page);
          await painted(page);
          if (language === 'de-DE') assert.deepEqual(await page.locator('main [lang=en]').allInnerTexts(), [], `English on the German page ${name}`);
          await checkLayout(page, label);
          await checkAccessible(page, label);
          await shoot(page, label, { full: size === 'phone' });
        }
        await close(page);
      });
    }
  }
}
