// Every page on a phone and on a PC, light and dark: accessible, nothing cut off, and a picture to look at.
import { after, before, test } from 'node:test';
import { checkAccessible, checkLayout, close, go, mock, open, setState, shoot, shutDown } from './browser.mjs';

before(() => setState('reset'));
after(shutDown);

const PAGES = [
  ['overview', 'overview', '.flow'], ['history', 'history', '.chart canvas'], ['devices', 'devices', '.device'], ['buses', 'devices?tab=buses', '.bus'],
  ['why', 'why', '.decision'], ['alarms', 'alarms', '.section-title'], ['settings', 'settings', '.control-form'],
];
if (mock) PAGES.push(['device', 'devices/storage', '.point']);

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
          await page.waitForTimeout(250); // the chart draws on the next frame
          await checkLayout(page, label);
          await checkAccessible(page, label);
          await shoot(page, label, { full: size === 'phone' });
        }
        await close(page);
      });
    }
  }
}
