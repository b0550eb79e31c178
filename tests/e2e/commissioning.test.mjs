// An installer on site: finds devices, adds them, changes them, looks at a line.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { button, checkAccessible, checkLayout, close, field, go, heading, link, open, radio, region, says, setState, shoot, shutDown, until } from './browser.mjs';

beforeEach(() => setState('reset'));
after(async () => { await setState('reset'); await shutDown(); });

async function look(page, name) {
  await checkAccessible(page, name);
  await checkLayout(page, name);
  await shoot(page, `setup-${name}`, { full: true });
}

test('searches, adds what is new, chooses what is doubtful', async () => {
  const page = await open({ size: 'phone' });
  await go(page, 'devices');
  await link(page, 'Find devices').click();
  await heading(page, 'Find devices').waitFor();
  await says(page, '/dev/ttyUSB0 9600 8N1');
  await look(page, 'find-phone-light');
  await button(page, 'Search').click();
  await page.getByRole('progressbar', { name: 'Searching', exact: true }).waitFor();
  await shoot(page, 'setup-find-running-phone-light', { full: true });
  await heading(page, 'Search finished').waitFor();
  await says(page, 'Fronius Symo 8.2-3-M');
  await says(page, 'It answers as two families do.');
  await look(page, 'found-phone-light');

  const unsure = region(page, 'Somebody answers, but does not say who');
  await field(unsure, 'What is it?').selectOption('gavazzi/em24');
  await button(unsure, 'Change line2 12').click();
  await field(unsure, 'Name').fill('Workshop');
  await button(unsure, 'Add Workshop').click();
  await says(page, 'added');
  await button(page, 'Add all new ones (2)').click();
  await page.locator('.found .state-online').nth(4).waitFor();
  await link(unsure, 'Workshop').waitFor(); // now it has a name, and the doubt is gone
  assert.equal(await unsure.getByText('It answers as two families do.').count(), 0);
  await look(page, 'added-phone-light');
  await go(page, 'devices');
  for (const name of ['Workshop', 'Eastron SDM630', 'Fronius Symo 8.2-3-M']) await says(page, name);
  await close(page);
});

test('a search can be left, found again and stopped', async () => {
  const page = await open({ scheme: 'dark' });
  await go(page, 'devices?tab=find');
  await button(page, 'Search').click();
  await button(page, 'Stop').waitFor();
  await go(page, 'devices');
  await heading(page, 'Devices').waitFor();
  await link(page, 'Find devices').click();
  await button(page, 'Stop').click();
  await heading(page, 'Search stopped').waitFor();
  await look(page, 'find-stopped-pc-dark');
  await close(page);
});

test('adds a meter by hand; an address in use names its holder', async () => {
  const page = await open({ size: 'phone', language: 'de-DE' });
  await go(page, 'devices?tab=add');
  await field(page, 'Gerät').fill('sdm 120');
  await button(page, 'Eastron SDM120-Modbus eastron/sdm120').click();
  await field(page, 'Leitung oder Verbindung').selectOption('line2');
  await field(page, 'Adresse').fill('300');
  await says(page, 'Eine ganze Zahl von 1 bis 247.');
  await field(page, 'Adresse').fill('4');
  await field(page, 'Name').fill('Wärmepumpe 2');
  await button(page, 'Gerät hinzufügen').click();
  await says(page, 'Adresse 4 auf line2 hat schon das Gerät „heat“.');
  assert.match(await field(page, 'Adresse').getAttribute('aria-describedby'), /unit-error/); // it stands at the address, and is read with it
  await field(page, 'Verwendung').selectOption('grid_meter');
  await field(page, 'Adresse').fill('6');
  await button(page, 'Gerät hinzufügen').click();
  await says(page, '„meter“ ist schon der Netzzähler. Eine Anlage hat einen.');
  await field(page, 'Verwendung').selectOption('sub_meter');
  await field(page, 'Adresse').fill('4');
  await button(page, 'Gerät hinzufügen').click();
  await says(page, 'Adresse 4 auf line2');
  await look(page, 'add-taken-phone-german');
  await field(page, 'Adresse').fill('5');
  await button(page, 'Gerät hinzufügen').click();
  await heading(page, 'Wärmepumpe 2').waitFor();
  await close(page);
});

test('a device pack is added, put in the place of a shipped one, and removed', async () => {
  const page = await open({ size: 'phone' });
  const pack = (name, text) => page.locator('#pack').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  await go(page, 'devices?tab=add');
  await link(page, 'Add a device pack').click();
  await heading(page, 'Device packs').waitFor();
  await says(page, 'No pack was added to this gateway.');
  await pack('photo.yaml', 'PK\x03\x04');
  await says(page, 'This is no device pack: it has no line “profile: maker/family”.');
  await pack('em1.yaml', 'profile: acme/em1\npionts:\n');
  await button(page, 'Add').click();
  await says(page, "unknown key 'pionts'");
  await look(page, 'packs-wrong-phone');
  await pack('em1.yaml', 'profile: acme/em1\npoints:\n');
  await button(page, 'Add').click();
  await says(page, 'acme/em1 is known now.');
  await heading(page, 'Acme EM1').waitFor();
  await look(page, 'packs-phone');
  await pack('sdm630.yaml', 'profile: eastron/sdm630\npoints:\n');
  await says(page, 'eastron/sdm630 is shipped with the gateway');
  await button(page, 'Replace').click();
  await says(page, 'Stands in the place of the shipped family of this name.');
  const added = region(page, 'acme/em1');
  await button(added, 'Remove acme/em1').click();
  await button(added, 'Remove').click();
  await added.waitFor({ state: 'detached' });
  await close(page);
});

test('a device is renamed, set, replaced and removed', async () => {
  const page = await open({ size: 'phone', scheme: 'dark' });
  await go(page, 'devices/storage');
  await link(page, 'Set up').click();
  await heading(page, 'Set up Storage').waitFor();
  await says(page, 'Highest feed-in power');
  await says(page, 'only shown');
  assert.equal(await button(page, 'Upgrade').count(), 0); // this one takes no firmware
  await look(page, 'device-phone-dark');
  const general = region(page, 'Name and use');
  await field(general, 'Name').fill('Cellar battery');
  await button(general, 'Save').click();
  await says(general, 'Saved');

  await field(page, 'Highest feed-in power').fill('7000');
  await says(page, 'A number from 0\u00a0W to 6,000\u00a0W, in steps of 1.');
  await field(page, 'Highest feed-in power').fill('4000');
  await button(page, 'Write: Highest feed-in power').click();
  await says(page, 'Was 6,000\u00a0W, is 4,000\u00a0W now, as read back.');
  await field(page, 'Highest feed-in power').fill('5800');
  await button(page, 'Write: Highest feed-in power').click();
  await says(page, 'wrote 5800, the device holds 5500');
  await field(page, 'Grid code').selectOption('G98');
  await says(page, 'Only the grid operator says which one is right.');
  await look(page, 'device-settings-phone-dark');

  await button(page, 'Replace this device').click();
  await field(page, 'Serial number of the new device').fill('HV9990001111');
  await button(page, 'Put it in place').click();
  await says(page, 'Replaced. It is asked who it is now.');
  await button(page, 'Remove this device').click();
  await says(page, 'Remove Cellar battery (address 1 on line1)?');
  await look(page, 'device-remove-phone-dark');
  await region(page, 'Remove').getByRole('button', { name: 'Remove', exact: true }).click();
  await heading(page, 'Devices').waitFor();
  await page.locator('.device').nth(2).waitFor();
  assert.equal(await page.locator('.device').count(), 3);
  await close(page);
});

const choose = (page, bytes) => page.locator('#image').setInputFiles({ name: 'sdm630-1.03-release.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(bytes, 7) });

test('a firmware image goes through the gateway', async () => {
  const page = await open({ size: 'phone' });
  await go(page, 'devices/heat');
  await says(page, 'loses its counters at midnight');
  await link(page, 'Set up').click();
  await says(page, /not supported/);
  await choose(page, 666);
  await button(page, 'Upgrade').click();
  await says(page, "the file is for 'SDM120'");
  await choose(page, 60_000);
  await button(page, 'Upgrade').click();
  const progress = page.getByRole('progressbar', { name: 'Firmware', exact: true });
  await progress.waitFor();
  await says(page, /812.B\/s, about/);
  await says(page, 'Control keeps off the device');
  await look(page, 'firmware-under-way-phone');
  await region(page, 'Firmware').getByText('Done').waitFor();
  await look(page, 'firmware-done-phone');
  await close(page);
});

test('an upgrade that breaks off goes on, can be stopped, and a bad version needs a word', async () => {
  const page = await open({ size: 'phone', scheme: 'dark', language: 'de-DE' });
  await go(page, 'devices/heat?tab=setup');
  await choose(page, 61_000);
  await button(page, 'Aktualisieren').click();
  await says(page, 'Unterbrochen');
  await look(page, 'firmware-interrupted-phone-german');
  await button(page, 'Weitermachen').click();
  await says(page, 'Zum Gerät gesendet');
  await look(page, 'firmware-under-way-phone-german');
  await button(page, 'Anhalten').click();
  await says(page, 'Angehalten');
  await choose(page, 1000);
  await button(page, 'Aktualisieren').click();
  await says(page, 'Bekannt fehlerhaft');
  await look(page, 'firmware-doubted-phone-german');
  await button(page, 'Trotzdem senden').click();
  await says(page, 'Zum Gerät gesendet');
  await close(page);
});

test('an upgrade that broke off or failed is given up, knowing what the device is left with', async () => {
  const page = await open({ size: 'phone' });
  await go(page, 'devices/heat?tab=setup');
  const card = region(page, 'Firmware');
  await choose(page, 61_000);
  await button(page, 'Upgrade').click();
  await says(page, 'Interrupted');
  await button(page, 'Give up').click();
  await says(page, /keeps 0.9, which it runs. It also holds 50.% of 1.03/);
  await look(page, 'firmware-give-up-phone');
  await button(card, 'Not yet').click();
  await button(page, 'Go on').waitFor();
  await button(page, 'Give up').click();
  await button(page, 'Give up').click();
  await card.getByText('Stopped', { exact: true }).waitFor();
  assert.equal(await button(page, 'Give up').count(), 0);
  assert.equal(await button(page, 'Go on').count(), 0);

  await choose(page, 62_000);
  await button(page, 'Upgrade').click();
  await says(page, 'Not upgraded');
  await button(page, 'Give up').click();
  await says(page, /says that it runs|is not known/);
  await button(page, 'Give up').click();
  await card.getByText('Stopped', { exact: true }).waitFor();
  await close(page);
});

test('a line is added, changed, and watched', async () => {
  const page = await open();
  await go(page, 'devices?tab=buses');
  await says(page, 'The line is full');
  await look(page, 'budget-pc-light');
  await link(page, 'Add a line').click();
  await field(page, 'Short name').fill('rs485-3');
  assert.match(await field(page, 'Port of the gateway').locator('option:checked').innerText(), /^FTDI FT232R USB UART \(/);
  await field(page, 'Baud rate').selectOption('19200');
  await radio(page, 'even').check({ force: true });
  await look(page, 'line-pc-light');
  await button(page, 'Save').click();
  await region(page, 'rs485-3').waitFor();
  await link(page, 'Change rs485-3').click();
  await button(page, 'Remove rs485-3').click();
  await heading(page, 'Devices').waitFor();
  await link(page, 'Monitor line1').click();
  await says(page, 'refused, exception 2');
  await says(page, /bad checksum/);
  await button(page, 'Pause').click();
  await button(page, 'Ask').click();
  await says(page, /answered after/);
  await page.locator('.raw-answer tr', { hasText: /^165500-36FFDC$/ }).waitFor();
  await look(page, 'monitor-pc-light');
  await field(page, 'What').selectOption('6');
  await says(page, 'A wrong value can switch a device off');
  await shoot(page, 'setup-monitor-write-pc-light');
  await close(page);
});

test('settings nobody answers with are kept only by who insists', async () => {
  for (const [language, cause, words] of [['en-GB', "'grid' answered before", 'Set it anyway'], ['de-DE', 'vorher antwortete', 'Trotzdem setzen']]) {
    const page = await open({ size: 'phone', language });
    await go(page, 'devices?tab=line&bus=line1');
    await page.locator('#baud').selectOption('1200');
    await page.locator('.door-form button[type=submit]').click();
    await says(page, cause);
    await look(page, `line-unanswered-${language.slice(0, 2)}-phone-light`);
    await button(page, words).click();
    await region(page, 'line1').waitFor();
    await close(page);
  }
});

test('wiring is told where a line is set up', async () => {
  for (const [size, language, words] of [['phone', 'en-GB', 'If nobody answers on a serial line'], ['tiny', 'de-DE', 'Wenn auf einer seriellen Leitung niemand antwortet']]) {
    const page = await open({ size, language });
    await go(page, 'devices?tab=line');
    await page.getByText(words).click();
    await says(page, '485TX0+');
    for (const fact of ['COM2', 'GE4', 'RUN', /AWG/, '5 W']) await says(page, fact);
    await look(page, `wiring-${size}-light`);
    await close(page);
  }
});

test('the monitor on a phone', async () => {
  const page = await open({ size: 'phone' });
  await go(page, 'devices?tab=monitor&bus=line1');
  await says(page, 'refused, exception 2');
  await button(page, 'Pause').click();
  await look(page, 'monitor-phone-light');
  await close(page);
});

test('a full line takes no further device, and says why', async () => {
  const page = await open({ size: 'phone' });
  const { buses } = await until(page, 'buses', (all) => all.buses.some((one) => one.budget !== null));
  assert.equal(buses.find((one) => one.id === 'line2').budget.verdict, 'replanned');
  await go(page, 'devices?tab=add');
  await field(page, 'Device').fill('abb b23');
  await button(page, 'ABB B23, ABB B24 abb/b23-b24').click();
  await field(page, 'Line or connection').selectOption('line2');
  await field(page, 'Address').fill('9');
  await field(page, 'Name').fill('Workshop');
  await button(page, 'Add device').click();
  await says(page, "bus 'line2' has no room for device 'workshop'");
  await says(page, 'the line at 19200 baud');
  await look(page, 'add-no-room-phone-light');
  await go(page, 'devices');
  await says(page, 'Heat pump');
  assert.equal(await page.getByText('Workshop').count(), 0);
  await close(page);
});

test('refusals of a full line and of a search are told in German', async () => {
  const page = await open({ size: 'phone', scheme: 'dark', language: 'de-DE' });
  await go(page, 'devices?tab=buses');
  await says(page, /Die Leitung ist voll: Alles so oft wie gewünscht abzufragen würde 164 % brauchen/);
  await look(page, 'budget-phone-dark-german');
  await go(page, 'devices?tab=add');
  await field(page, 'Gerät').fill('abb b23');
  await button(page, 'ABB B23, ABB B24 abb/b23-b24').click();
  await field(page, 'Leitung oder Verbindung').selectOption('line2');
  await field(page, 'Adresse').fill('9');
  await field(page, 'Name').fill('Werkstatt');
  await button(page, 'Gerät hinzufügen').click();
  await says(page, 'Auf line2 ist kein Platz für „werkstatt“. 118 % der Leitung wären belegt. Das meiste braucht Heat pump. Es hilft: die Leitung mit 19200 Baud.');
  await look(page, 'add-no-room-phone-dark-german');
  await go(page, 'devices?tab=line');
  await field(page, 'Kurzer Name').fill('line1');
  await button(page, 'Speichern').click();
  await says(page, 'Eine Leitung „line1“ gibt es schon.');
  await close(page);
});

test('the monitor shows the newest, and older ones when asked', async () => {
  const page = await open({ size: 'phone', language: 'de-DE', scheme: 'dark' });
  await go(page, 'devices?tab=monitor&bus=line1');
  const rows = page.locator('.frame');
  await rows.nth(39).waitFor();
  await button(page, 'Pause').click();
  assert.equal(await rows.count(), 40);
  // What is hidden inside for screen readers does not make the page longer than it is.
  assert.ok(await page.evaluate(() => document.documentElement.scrollHeight < 4 * innerHeight));
  await page.getByRole('button', { name: /ältere zeigen$/, exact: true }).click();
  await rows.nth(41).waitFor();
  await look(page, 'monitor-phone-dark-german');
  await field(page, 'Leitung').selectOption('lan');
  await heading(page, 'lan mitlesen').waitFor();
  await close(page);
});

test('other programs are let in, one address at a time', async () => {
  const page = await open({ size: 'phone' });
  await go(page, 'devices?tab=buses');
  await link(page, 'Let others read').click();
  await heading(page, 'Other programs read along').waitFor();
  await says(page, 'Off: nobody reads along');
  await look(page, 'sharing-off-phone-light');
  await page.getByRole('switch', { name: /^Let other programs read/, exact: true }).click();
  await radio(page, 'The local network').check();
  await button(page, 'Add an address').click();
  assert.ok(await button(page, 'Save').isDisabled());
  await field(page, 'Address').fill('8.8.8.8');
  await button(page, 'Save').click();
  await says(page, 'Modbus knows no password');
  await field(page, 'Address').fill('192.168.1.20');
  await radio(page, 'Read and write').check();
  assert.ok(await button(page, 'Save').isDisabled());
  await page.getByLabel(/^Writable registers of/, { exact: true }).first().fill('47086, 47590-47592');
  await look(page, 'sharing-edit-phone-light');
  await button(page, 'Save').click();
  await says(page, 'Listening on port 1502');
  const now = region(page, 'Now');
  await says(now, '192.168.1.20');
  await says(now, 'Oldest value given');
  await look(page, 'sharing-on-phone-light');
  await page.getByRole('switch', { name: /^Let other programs read/, exact: true }).click();
  await button(page, 'Save').click();
  await says(page, 'Off: nobody reads along');
  await close(page);
});

test('other programs, in German and in the dark', async () => {
  const page = await open({ scheme: 'dark', language: 'de-DE' });
  await go(page, 'devices?tab=sharing');
  await heading(page, 'Andere Programme lesen mit').waitFor();
  await page.getByRole('switch', { name: /^Andere Programme mitlesen lassen/, exact: true }).click();
  await button(page, 'Adresse hinzufügen').click();
  await field(page, 'Adresse').fill('192.168.1.0/24');
  await button(page, 'Speichern').click();
  await says(page, 'Hört auf Port 1502');
  await look(page, 'sharing-on-pc-dark-german');
  await close(page);
});
