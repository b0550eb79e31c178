import { describe, expect, it } from 'vitest';
import type { Decision } from '../api/types';
import { episodes } from './decisions';

const decision = (at: number, value: number | null, extra: Partial<Decision> = {}): Decision => ({
  at, device: 'storage', role: 'battery.power.set', unit: 'W', value, expires: at + 30_000, state: 'in_force', read_back: value,
  chain: [{ kind: 'request', rank: 'strategy', source: 'self_consumption', text: 'x', low: null, high: null, value }], ...extra,
});

describe('episodes', () => {
  it('tell a row of setpoints as one, with its span', () => {
    const [only, ...rest] = episodes([decision(3000, -900), decision(2000, -1200), decision(1000, -1000)]);
    expect(rest).toHaveLength(0);
    expect([only!.newest.at, only!.all.length, only!.low, only!.high]).toEqual([3000, 3, -1200, -900]);
  });
  it('keep devices apart although they alternate', () => {
    const roof = { device: 'roof', role: 'ac.power.limit.set' };
    expect(episodes([decision(4000, 1), decision(3500, 9, roof), decision(3000, 1), decision(2500, 9, roof)]).map((e) => e.all.length)).toEqual([2, 2]);
  });
  it('end with a release, a refusal, a pause or another reason', () => {
    expect(episodes([decision(2000, null, { state: 'released' }), decision(1000, 5)])).toHaveLength(2);
    expect(episodes([decision(2000, 5, { state: 'refused' }), decision(1000, 5)])).toHaveLength(2);
    expect(episodes([decision(90_000, 5), decision(1000, 5)])).toHaveLength(2);
    const limited = { chain: [...decision(0, 5).chain, { kind: 'limit' as const, rank: 'bms' as const, source: 'storage', text: '', low: -5, high: 5, value: null }] };
    expect(episodes([decision(2000, 5, limited), decision(1000, 5)])).toHaveLength(2);
  });
  it('take one that is on its way into the row', () => expect(episodes([decision(2000, 5, { state: 'pending' }), decision(1000, 5)])).toHaveLength(1));
});
