import { changesOf } from './audit';
import { describe, expect, it } from 'vitest';
import type { Device } from '../api/types';
import { backOffMs } from './back_off';
import { changeOf, faultOf, formOf, parseNumber, PERCENT, TARGET, WATTS } from './control_form';
import { passwordRules, tidyCode, USERNAME } from './password';
import { parseRoute, routeHref } from './router';
import { maybeAbsent } from './points';
import { firstChoice, matches, splitSeries } from './series';

describe('back-off', () => {
  it('doubles from a second to a quarter of a minute', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => backOffMs(attempt, 0.5))).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  });
  it('is spread, so that browsers do not come back together', () => {
    expect(backOffMs(3, 0)).toBe(7000);
    expect(backOffMs(3, 1)).toBe(9000);
  });
});

describe('the control form', () => {
  const settings = { self_consumption: { enabled: true, import_target_w: 20 }, feed_in_limit: { mode: 'percent' as const, value: 60 }, changed_by: null, changed_at: null };
  it('gives back what it was given', () => expect(changeOf(formOf(settings))).toEqual({ self_consumption: settings.self_consumption, feed_in_limit: settings.feed_in_limit }));
  it.each([['-50', -50], ['\u221250', -50], ['0,5', 0.5], ['', null], ['5 kW', null], ['1e3', null], ['--5', null]])('reads "%s" as %s', (text, value) => expect(parseNumber(text)).toBe(value));
  it('knows the ranges', () => {
    expect(faultOf('100', PERCENT)).toBeNull();
    expect(faultOf('160', PERCENT)).toBe('range');
    expect(faultOf('-1', WATTS)).toBe('range');
    expect(faultOf('-100000', TARGET)).toBeNull();
    expect(faultOf('x', TARGET)).toBe('number');
  });
  it('does not send a wrong value', () => expect(changeOf({ ...formOf(settings), percent: '160' })).toBeNull());
  it('ignores the field of another mode', () => expect(changeOf({ ...formOf(settings), mode: 'zero', percent: 'x' })?.feed_in_limit).toEqual({ mode: 'zero', value: 0 }));
});

describe('passwords and codes', () => {
  it('shows which rules are met', () => {
    expect(passwordRules('', '', 'anna')).toEqual({ length: false, notName: false, varied: false, same: false });
    expect(passwordRules('annaannaanna', 'annaannaanna', 'anna')).toEqual({ length: true, notName: false, varied: false, same: true });
    expect(passwordRules('Sunny roof 8 kW', 'Sunny roof 8 kW', 'anna')).toEqual({ length: true, notName: true, varied: true, same: true });
  });
  it('groups a code as it is printed', () => expect(tidyCode('abcd efgh-jkmnpqrs-too-long')).toBe('ABCD-EFGH-JKMN-PQRS'));
  it('takes a code while it is typed', () => expect(tidyCode('abcd-')).toBe('ABCD'));
  it.each([['anna', true], ['a.b-c_1', true], ['-anna', false], ['Anna', false], ['', false], ['a'.repeat(33), false]])('user name %s: %s', (name, good) => expect(USERNAME.test(name)).toBe(good));
});

describe('routes', () => {
  it('finds page, id and query', () => {
    const route = parseRoute('#/devices/roof%2F1?tab=buses');
    expect([route.page, route.id, route.query.get('tab')]).toEqual(['devices', 'roof/1', 'buses']);
  });
  it('goes home from anywhere unknown', () => expect(parseRoute('#/nowhere').page).toBe('overview'));
  it('survives a broken address', () => expect(parseRoute('#/devices/%E0%A4%A').id).toBe('%E0%A4%A'));
  it('is read back as written', () => expect(parseRoute(routeHref('history', null, { series: 'roof/ac.power' })).query.get('series')).toBe('roof/ac.power'));
});

describe('points without a value', () => {
  const point = (role: string, quality: 'invalid' | 'stale' | 'good' = 'invalid', kind: 'state' | 'setpoint' = 'state') => ({ role, quality, kind });
  it('may be parts that are not there', () => expect(maybeAbsent(point('pv.string.voltage.3'))).toBe(true));
  it('are faults when all else is reckoned from them', () => expect(['meter.power', 'battery.soc'].some((role) => maybeAbsent(point(role)))).toBe(false));
  it('are no such parts when they are late, or ours to write', () => {
    expect([maybeAbsent(point('pv.string.voltage.3', 'stale')), maybeAbsent(point('battery.power.set', 'invalid', 'setpoint'))]).toEqual([false, false]);
  });
});

describe('series', () => {
  const info = (id: string) => ({ id, unit: 'W', resolution: 1, first: null, last: null });
  it('are a device and a role', () => expect(splitSeries('roof/ac.power')).toEqual({ device: 'roof', role: 'ac.power' }));
  it('are found by words in any order, without accents', () => {
    expect(matches('leistung wärmep', 'Wärmepumpe Leistung')).toBe(true);
    expect(matches('warme', 'Wärmepumpe Leistung')).toBe(true);
    expect(matches('dach', 'Wärmepumpe Leistung')).toBe(false);
  });
  it('begin with sun, battery and grid', () => {
    const device = (id: string, use: Device['use']) => ({ id, use }) as Device;
    const house = [device('m', 'grid_meter'), device('r', 'pv'), device('s', 'hybrid'), device('h', 'sub_meter')];
    const all = ['h/meter.power', 's/meter.power', 'm/meter.power', 'r/ac.frequency', 'r/ac.power', 's/ac.power', 's/pv.power', 's/battery.power'].map(info);
    expect(firstChoice(all, house)).toEqual(['r/ac.power', 's/pv.power', 's/battery.power', 'm/meter.power']);
    expect(firstChoice(all, [])).toEqual(['h/meter.power']);
    expect(firstChoice([], house)).toEqual([]);
  });
});

describe('the audit log of one device', () => {
  const row = (what: string, old: string | null, now: string | null) => ({ at: 1, who: 'anna', address: '', what, old, new: now });
  it('has its changes and no other', () => {
    const rows = [
      row('device changed', '{"id":"roof","name":"A","unit":1}', '{"id":"roof","name":"B","unit":1}'), row('device added', null, '{"id":"roof2"}'), row('device removed', '{"id":"roof"}', null),
      row('setting limit of device roof', '1', '2'), row('setting limit of device roof not written', null, null), row('setting limit of device roof2', '1', '2'),
      row('firmware upgrade of device roof done', null, null), row('firmware upgrade of device roof: cancel', null, null), row('device changed', 'broken', '{'), row('settings.control', '{}', '{}'),
    ];
    expect(changesOf('roof', rows).map(({ kind, key, parts }) => [kind, key, parts.map((part) => `${part.name} ${part.old} ${part.now}`).join()])).toEqual([
      ['changed', '', 'name A B'], ['removed', '', ''], ['setting', 'limit', ' 1 2'], ['settingFailed', 'limit', ''], ['firmware', 'done', ''], ['firmware', 'cancel', ''],
    ]);
  });
});
