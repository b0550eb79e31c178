import { describe, expect, it } from 'vitest';
import type { Overview } from '../api/types';
import { alongBar, flowScale, legFor, ownShare } from './flow';

const flow = (pv: number | null, battery: number | null, grid: number | null, house: number | null): Overview['flow'] => {
  const of = (value: number | null) => ({ value, age_ms: 100 });
  return { pv_w: of(pv), battery_w: of(battery), grid_w: of(grid), house_w: of(house), battery_soc: of(50) };
};

describe('the scale of the flow picture', () => {
  it.each([[300, 2000], [2000, 2000], [2001, 5000], [5240, 10_000], [11_000, 20_000], [48_000, 50_000], [100_000, 100_000]])(
    'for %d W is %d W', (most, scale) => expect(flowScale(flow(most, 0, -100, 50))).toBe(scale));
  it('is set by the largest, whichever way it flows', () => expect(flowScale(flow(100, -4000, 0, 0))).toBe(5000));
  it('does not need any value', () => expect(flowScale(flow(null, null, null, null))).toBe(2000));
});

describe('a leg', () => {
  it('is unknown without a value, which is not the same as still', () => {
    expect(legFor(null, 5000).direction).toBe('unknown');
    expect(legFor(0, 5000)).toMatchObject({ direction: 'still', period: 0 });
    expect(legFor(-14, 5000).direction).toBe('still');
  });
  it('points by sign', () => {
    expect(legFor(800, 5000).direction).toBe('forward');
    expect(legFor(-800, 5000).direction).toBe('backward');
  });
  it('is wider and faster with more power, and never wider than the widest', () => {
    const [small, large, beyond] = [legFor(500, 5000), legFor(5000, 5000), legFor(50_000, 5000)];
    expect(small.width).toBeLessThan(large.width);
    expect(small.period).toBeGreaterThan(large.period);
    expect(beyond.width).toBe(large.width);
  });
});

describe('the balance', () => {
  it('runs along the bar from sun and battery to grid and house', () => expect(alongBar(flow(4000, -2500, -700, 800))).toBe(1500));
  it('is taken from the other side when one is unknown', () => expect(alongBar(flow(null, -2500, -700, 800))).toBe(1500));
  it('is unknown when both sides are', () => expect(alongBar(flow(null, 0, null, 800))).toBeNull());
  it('tells the own share of the house', () => {
    expect(ownShare(flow(1000, 0, 0, 1000))).toBe(100);
    expect(ownShare(flow(0, 0, 250, 1000))).toBe(75);
    expect(ownShare(flow(0, 0, 1200, 1000))).toBe(0);
    expect(ownShare(flow(0, 0, null, 1000))).toBeNull();
  });
});
