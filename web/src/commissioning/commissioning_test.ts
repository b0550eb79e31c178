import { describe, expect, it } from 'vitest';
import type { Bus, Found, Frame, Profile, Upgrade } from '../api/types';
import { fill } from '../i18n/translate';
import { en } from './en';
import { decimal, hexBytes, isHost, isId, isName, isOnStep, isSerial, registers, wholeNumber } from './fields';
import { busOf, draftOf, groupOf, newBusOf } from './found';
import { spaced, tell } from './frames';
import { packName } from './pack_file';
import { productsText, searchProfiles } from './profile_search';
import { hasStopped, leftWith } from './upgrade_state';
import type { Say } from './words';

const found = (part: Partial<Found>): Found => ({
  place: 'rs485-1', bus: 'rs485-1', host: null, port: null, unit: 7, baud: null, maker: 'Eastron', model: 'SDM630', serial: 'A1', firmware: '', profile: 'eastron/sdm630', candidates: [], use: 'sub_meter', device: null, note: null, notes: [], is_double: false, reason: null, reason_said: null, ...part,
});
const profile = (name: string, products: string[], part: Partial<Profile> = {}): Profile => ({ name, products, use: 'sub_meter', verified: 'documented', unit: 1, baud: 9600, uses: ['sub_meter'], identifies: true, pack: false, over_shipped: false, problem: null, ...part });
const tcp = (id: string, host: string, port: number) => ({ id, settings: { kind: 'tcp', host, port, framing: 'tcp' } }) as unknown as Bus;

describe('a device pack', () => {
  it.each([
    ['profile: acme/em1\nsource: x\n', 'acme/em1'], ['# ours\r\nprofile: "acme/em1"  # rev 3\r\n', 'acme/em1'], ["profile: 'a-b/c_1.2'", 'a-b/c_1.2'],
    ['  profile: acme/em1', null], ['profile: em1', null], ['profile: ../em1/x', null], ['', null], ['PK\x03\x04', null],
  ])('%j is named %j', (text, name) => expect(packName(text)).toBe(name));
});

describe('what people type', () => {
  it.each([['7', 7], [' 247 ', 247], ['248', null], ['0', null], ['7.5', null], ['-1', null], ['', null], ['1e2', null], ['9999999999', null]])('%j is the address %j', (text, value) => expect(wholeNumber(text, 1, 247)).toBe(value));
  it.each([['0,5', 0.5], ['0.5', 0.5], ['-3', -3], ['', null], ['abc', null], ['1,000,0', null], ['11', null]])('%j is the number %j', (text, value) => expect(decimal(text, -10, 10)).toBe(value));
  it('counts a name in characters, not in halves of them', () => {
    expect([isName('x'.repeat(64)), isName('x'.repeat(65)), isName('☀️'.slice(0, 1).repeat(64)), isName('   ')]).toEqual([true, false, true, false]);
  });
  it.each([['HV2150021937', true], ['A/B-1.2_3', true], ['', true], ['has space', false], ['x'.repeat(33), false], ['<b>', false]])('%j as a serial number: %j', (text, good) => expect(isSerial(text)).toBe(good));
  it('knows short names and hosts', () => {
    expect([isId('rs485-1'), isId('a b'), isId('')]).toEqual([true, false, false]);
    expect([isHost('192.168.8.20'), isHost('inverter.local'), isHost('http://x'), isHost('')]).toEqual([true, true, false, false]);
  });
  it('takes registers and hex as they come', () => {
    expect([registers('1 2,3'), registers('65536'), registers(''), registers('1 x')]).toEqual([[1, 2, 3], null, null, null]);
    expect([hexBytes('03 00 0A'), hexBytes('030'), hexBytes('zz'), hexBytes('')]).toEqual(['03000a', null, null, null]);
  });
  it('knows the steps of a setting, in spite of binary fractions', () => expect([isOnStep(0.3, 0, 0.1), isOnStep(0.25, 0, 0.1), isOnStep(-5, -10, 5)]).toEqual([true, false, true]));
});

describe('a found device', () => {
  it('is new, unsure or known', () => expect([groupOf(found({})), groupOf(found({ profile: null })), groupOf(found({ device: 'heat', profile: null }))]).toEqual(['new', 'unsure', 'known']));
  it('is called as it calls itself; a second one gets its address', () => {
    const [one, two] = [found({}), found({ unit: 8 })];
    expect([draftOf(one, [one], [], false).name, draftOf(two, [one, two], [], false).name]).toEqual(['Eastron SDM630', 'Eastron SDM630 (8)']);
  });
  it('takes its family\'s name when it says nothing', () => expect(draftOf(found({ maker: '', model: '' }), [], [profile('eastron/sdm630', ['Eastron SDM630-Modbus'])], false).name).toBe('Eastron SDM630-Modbus'));
  it('is no second grid meter', () => expect([true, false].map((has) => draftOf(found({ use: 'grid_meter' }), [], [], has).use)).toEqual(['sub_meter', 'grid_meter']));
  it('uses the connection there is, or gets one of its own', () => {
    const lan = found({ bus: null, host: '192.168.8.33', port: 502, place: '192.168.8.33:502' });
    expect(busOf(found({}), [])).toBe('rs485-1');
    expect(busOf(lan, [tcp('roof', '192.168.8.33', 502), tcp('other', '192.168.8.33', 1502)])).toBe('roof');
    expect(busOf(lan, [])).toBe(null);
    expect(newBusOf(lan, [tcp('tcp-192-168-8-33', '192.168.8.33', 1502)])).toEqual({ id: 'tcp-192-168-8-33-2', settings: { kind: 'tcp', host: '192.168.8.33', port: 502, framing: 'tcp' } });
  });
});

describe('an upgrade that ended without success', () => {
  const upgrade = (part: Partial<Upgrade>): Upgrade => ({ state: 'failed', percent: 100, text: '', from: '0.9', to: '1.03', image: null, bytes_per_s: null, remaining_s: null, ...part });
  const device = { state: 'online', firmware: '0.9' } as const;
  it.each([
    ['cut off half way: the old one, and a part that is not used', upgrade({ state: 'interrupted', percent: 50, code: 'firmware_stopped' }), device, 'part', '0.9'],
    ['cut off before the first record', upgrade({ state: 'interrupted', percent: 0 }), device, 'kept', '0.9'],
    ['damaged on its way', upgrade({ code: 'firmware_damaged' }), device, 'kept', '0.9'],
    ['refused, and away since', upgrade({ code: 'firmware_not_installed' }), { ...device, state: 'offline' }, 'kept', '0.9'],
    ['installed, silent, and back with what it says', upgrade({ code: 'firmware_silent' }), { ...device, firmware: '1.0-rc' }, 'runs', '1.0-rc'],
    ['installed and still the old one', upgrade({ code: 'firmware_old_still' }), device, 'runs', '0.9'],
    ['installed and silent: nobody knows', upgrade({ code: 'firmware_silent' }), { ...device, state: 'offline' }, 'open', '0.9'],
    ['for a reason without a code, from a device that says no version', upgrade({}), { ...device, firmware: '' }, 'open', '0.9'],
  ] as const)('%s', (_, ended, now, state, from) => expect(leftWith(ended, now)).toEqual({ state, from, to: '1.03' }));
  it('can be given up; others cannot', () => {
    const states = ['idle', 'transferring', 'verifying', 'installing', 'done', 'failed', 'cancelled', 'interrupted'] as const;
    expect(states.filter((state) => hasStopped(upgrade({ state })))).toEqual(['failed', 'interrupted']);
    expect(hasStopped(null)).toBe(false);
  });
});

describe('the search for a family', () => {
  const all = [profile('eastron/sdm630', ['Eastron SDM630-Modbus']), profile('eastron/sdm120', ['Eastron SDM120']), profile('chint/dtsu666', ['Chint DTSU666', 'Huawei DTSU666-H', 'a', 'b']), profile('broken/one', ['Eastron broken'], { problem: 'line 3' })];
  it.each([['sdm 630', ['eastron/sdm630']], ['eastron', ['eastron/sdm120', 'eastron/sdm630']], ['dtsu', ['chint/dtsu666']], ['huawei dtsu', ['chint/dtsu666']], ['nothing', []], ['  ', []]])('%j finds %j', (text, names) => expect(searchProfiles(all, text).map((one) => one.name)).toEqual(names));
  it('names some products and says when there are more', () => expect(productsText(all[2]!)).toBe('Chint DTSU666, Huawei DTSU666-H, a …'));
});

describe('frames in words', () => {
  const say: Say = (word, values) => fill(en[word], values);
  const frame = (direction: Frame['direction'], hex: string): Frame => ({ number: 1, at: 0, direction, hex, text: '', note: 'ok' });
  it.each([
    ['sent', '010300001e0ac40b', false, 1, 'read 7690 from 0'], ['heard', '0b0304000100022af0', false, 11, '2 values'], ['heard', '018302c0f1', false, 1, 'refused, exception 2'],
    ['sent', '000100000006' + '7e' + '0310000002', true, 126, 'read 2 from 4096'], ['sent', '01060010000a0000', false, 1, 'write 1 from 16'], ['heard', '0a', false, null, '1 bytes that are no frame'],
  ] as const)('%s %s', (direction, hex, isTcp, unit, text) => expect(tell(frame(direction, hex), isTcp, say)).toEqual({ unit, text }));
  it('sets bytes apart', () => expect(spaced('0103aa')).toBe('01 03 aa'));
});
