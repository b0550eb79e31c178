// Every page with real values, on a phone and on a PC, light and dark: accessible, nothing cut off, and a picture to look at.
import { after, test } from 'node:test';
import { checkAccessible, checkLayout, close, drawn, go, open, painted, shoot, shutDown } from '../browser.mjs';

after(shutDown);

const PAGES = [
  ['overview', 'overview', '.flow'], ['history', 'history', '.chart canvas'], ['devices', 'devices', '.device'], ['device', 'devices/hybrid', '.point'],
  ['buses', 'devices?tab=buses', '.bus'], ['why', 'why', '.decision'], ['alarms', 'alarms', '.section-title'], ['settings', 'settings', '.control-form'],
];

// Each theme meets each size; the longest words (German) meet the narrowest window.
for (const [size, scheme, language] of [['phone', 'light', 'en-GB'], ['pc', 'dark', 'en-GB'], ['tiny', 'dark', 'de-DE'], ['pc', 'light', 'de-DE']]) {
  test(`${size} ${scheme} ${language}`, async () => {
    const page = await open({ size, scheme, language });
    for (const [name, route, sign] of PAGES) {
      const label = `real-${name}-${size}-${scheme}${language === 'de-DE' ? '-german' : ''}`;
      await go(page, route);
      await page.locator(sign).first().waitFor();
      if (name === 'history') await drawn(page);
      await painted(page);
      await checkLayout(page, label);
      await checkAccessible(page, label);
      await shoot(page, label, { full: size !== 'pc' });
    }
    await close(page);
  });
}
