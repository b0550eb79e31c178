import { describe, expect, it } from 'vitest';
import type { Alarm, Decision, LiveMessage, Overview, Point, Session } from '../api/types';
import { ageNow, reduce } from './reducer';
import { initialState, type State } from './state';

const unknown = { value: null, age_ms: null };
const overview: Overview = {
  at: 1, sentence: { key: 'balanced', values: {} }, flow: { pv_w: unknown, battery_w: unknown, grid_w: unknown, house_w: unknown, battery_soc: unknown },
  today: { pv_wh: null, house_wh: null, import_wh: null, export_wh: null, charged_wh: null, discharged_wh: null, self_consumption_percent: null, autarky_percent: null },
  feed_in_limit: { mode: 'none', value: 0, limit_w: null, active: false, exceeded: false }, alarms: { critical: 0, major: 0, minor: 0, warning: 0 },
};
const point: Point = { id: 'roof/ac.power', device: 'roof', role: 'ac.power', unit: 'W', kind: 'state', value: 100, quality: 'good', age_ms: 10, text: null };
const session: Session = { username: 'anna', role: 'installer', language: 'en', expires: 0, last_logins: [] };
const live = (state: State, message: LiveMessage, now = 5000) => reduce(state, { type: 'live', message, now, wallNow: 1000 });
const greeted = () => live(initialState, { type: 'hello', seq: 1, at: 8000, points: [point], overview });

describe('live messages', () => {
  it('bring points, overview and the gateway\'s clock', () => {
    const state = greeted();
    expect(state.connection.kind).toBe('live');
    expect(state.clockOffset).toBe(7000);
    expect(state.points.get('roof/ac.power')).toMatchObject({ value: 100, received: 5000 });
  });
  it('change only what they name', () => {
    const before = live(initialState, { type: 'hello', seq: 1, at: 8000, points: [point, { ...point, id: 'other' }], overview });
    const after = live(before, { type: 'update', seq: 2, at: 9000, points: [['roof/ac.power', null, 'stale', 12_000, '']], overview }, 6000);
    expect(after.points.get('roof/ac.power')).toMatchObject({ value: null, quality: 'stale', age_ms: 12_000, received: 6000, unit: 'W' });
    expect(after.points.get('other')).toBe(before.points.get('other'));
  });
  it('ignore a point that was never introduced, and an unknown kind of message', () => {
    expect(live(greeted(), { type: 'update', seq: 2, at: 9000, points: [['ghost', 1, 'good', 0, '']], overview }).points.size).toBe(1);
    const state = greeted();
    expect(live(state, { type: 'weather' } as unknown as LiveMessage)).toBe(state);
  });
  it('forget points that are gone after a reconnect', () => {
    expect(live(greeted(), { type: 'hello', seq: 1, at: 9000, points: [], overview }).points.size).toBe(0);
  });
});

describe('alarms', () => {
  const alarm = (id: number, extra: Partial<Alarm> = {}): Alarm => ({ id, cause: 1, name: 'meter_silent', severity: 'major', source: 'meter', raised: 10 + id, cleared: null, text: 'no answer', suggestion: 'check the wiring', ...extra });
  it('come in on top, and take their own place when they clear', () => {
    const listed = reduce(initialState, { type: 'loaded', key: 'alarms', value: [alarm(2), alarm(1)] });
    const more = live(listed, { type: 'alarm', alarm: alarm(3) });
    const cleared = live(more, { type: 'alarm', alarm: alarm(2, { cleared: 99 }) });
    expect(cleared.alarms.value?.map((one) => [one.id, one.cleared])).toEqual([[3, null], [2, 99], [1, null]]);
  });
  it('of a gateway that restarted are others, though ids begin again', () => {
    const listed = reduce(initialState, { type: 'loaded', key: 'alarms', value: [alarm(1)] });
    expect(live(listed, { type: 'alarm', alarm: alarm(1, { raised: 5000 }) }).alarms.value).toHaveLength(2);
  });
});

describe('a lost connection', () => {
  it('keeps the values and the instant it began, over several attempts', () => {
    const first = reduce(greeted(), { type: 'lost', now: 10_000, retryInMs: 1000 });
    const second = reduce(first, { type: 'lost', now: 12_000, retryInMs: 2000 });
    expect(second.connection).toEqual({ kind: 'lost', since: 10_000, retryAt: 14_000 });
    expect(second.points.get('roof/ac.power')?.value).toBe(100);
  });
  it('ages what is shown', () => {
    expect(ageNow(400, 1000, 31_000)).toBe(30_400);
    expect(ageNow(400, 1000, 900)).toBe(400);
    expect(ageNow(null, 1000, 31_000)).toBeNull();
  });
});

describe('a session', () => {
  it('shows the recent logins only after a login', () => {
    expect(reduce(initialState, { type: 'sessionOpened', session, fresh: true }).showLogins).toBe(true);
    expect(reduce(initialState, { type: 'sessionOpened', session, fresh: false }).showLogins).toBe(false);
  });
  it('leaves nothing behind when it ends', () => {
    const state = reduce(reduce(greeted(), { type: 'sessionOpened', session, fresh: false }), { type: 'sessionClosed', ended: true });
    expect([state.phase, state.sessionEnded, state.session, state.points.size, state.overview, state.siteName]).toEqual(['login', true, null, 0, null, '']);
  });
});

describe('decisions', () => {
  const decision = (at: number, extra: Partial<Decision> = {}): Decision => ({ at, device: 'storage', role: 'battery.power.set', unit: 'W', value: 1, expires: at, state: 'pending', read_back: null, chain: [], ...extra });
  const listed = reduce(initialState, { type: 'loaded', key: 'decisions', value: [decision(2), decision(1)] });
  it('come in on top, and take their own place when their state changes', () => {
    const more = live(listed, { type: 'decision', decision: decision(3) });
    expect(more.decisions.value?.map((one) => one.at)).toEqual([3, 2, 1]);
    const changed = live(more, { type: 'decision', decision: decision(2, { state: 'in_force' }) });
    expect(changed.decisions.value?.map((one) => one.state)).toEqual(['pending', 'in_force', 'pending']);
  });
  it('stay out of a list that shows another device or the past', () => {
    const other = reduce(listed, { type: 'whyFilter', filter: { device: 'roof', before: null } });
    expect(live(other, { type: 'decision', decision: decision(3) }).decisions.value).toHaveLength(2);
    const past = reduce(listed, { type: 'whyFilter', filter: { device: null, before: 2 } });
    expect(live(past, { type: 'decision', decision: decision(3) }).decisions.value).toHaveLength(2);
  });
  it('are not shown twice when pages overlap', () => {
    const more = reduce(listed, { type: 'moreDecisions', decisions: [decision(1), decision(0)], complete: false });
    expect(more.decisions.value?.map((one) => one.at)).toEqual([2, 1, 0]);
    expect(reduce(more, { type: 'moreDecisions', decisions: [decision(0)], complete: false }).whyComplete).toBe(true);
  });
});

describe('loading', () => {
  it('keeps the old value while loading and after a failure', () => {
    const loaded = reduce(initialState, { type: 'loaded', key: 'buses', value: [] });
    const failed = reduce(reduce(loaded, { type: 'loading', key: 'buses' }), { type: 'failed', key: 'buses', problem: { kind: 'timeout', text: 'x' } });
    expect(failed.buses).toEqual({ value: [], loading: false, problem: { kind: 'timeout', text: 'x' } });
  });
});
