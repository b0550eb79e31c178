import { describe, expect, it } from 'vitest';
import type { Device, Energy, HistorySeries } from '../api/types';
import { lonely } from './chart_options';
import { assignLooks } from './colours';
import { blocksOf, columnsOf, extent } from './energy_data';
import { moved } from './gestures';
import { axisOf } from './interval_bar';
import { alignSeries, groupByUnit, readingAt, tableRows } from './series_data';
import { axisScale, niceStep, tickText } from './ticks';

const series = (t: number[], mean: number[], extra: Partial<HistorySeries> = {}): HistorySeries => ({
  series: 'roof/ac.power', unit: 'W', from: 0, to: 10_000, step_ms: 1000, t, mean, min: mean.map((v) => v - 1), max: mean.map((v) => v + 1), count: mean.map(() => 1), ...extra,
});

describe('aligned series', () => {
  it('break the line in a gap', () => {
    const { t, columns } = alignSeries([series([0, 1000, 5000], [1, 2, 3])]);
    expect(t).toEqual([0, 1, 2, 5]);
    expect(columns[0]).toEqual([1, 2, null, 3]);
    expect(columns[2]).toEqual([2, 3, null, 4]);
  });
  it('do not break between the values of a slow point', () => {
    const slow = series([0, 10_000, 20_000, 60_000, 70_000], [1, 2, 3, 4, 5]);
    expect(alignSeries([slow]).columns[0]).toEqual([1, 2, 3, null, 4, 5]);
    expect(readingAt(slow, 15_000)?.mean).toBe(2);
    expect(readingAt(slow, 40_000)).toBeNull();
  });
  it('do not break where another series has an instant in between', () => {
    const { t, columns } = alignSeries([series([0, 2000], [1, 2], { step_ms: 2000 }), series([0, 1000, 2000], [5, 6, 7])]);
    expect(t).toEqual([0, 1, 2]);
    expect(columns[0]).toEqual([1, undefined, 2]);
    expect(columns[3]).toEqual([5, 6, 7]);
  });
  it('show a value without neighbours as a dot', () => {
    expect(lonely([5])).toEqual([0]);
    expect(lonely([1, 2, null, 3, null, 4, undefined, 5])).toEqual([3]);
    expect(lonely([null, undefined])).toEqual([]);
  });
  it('are grouped by unit in the order chosen', () => {
    const groups = groupByUnit([series([], []), series([], [], { unit: '%' }), series([], [])]);
    expect(groups.map((g) => [g.unit, g.series.length])).toEqual([['W', 2], ['%', 1]]);
  });
  it('read the bucket under the cursor, and nothing in a gap', () => {
    const one = series([0, 1000, 5000], [1, 2, 3]);
    expect(readingAt(one, 1400)?.mean).toBe(2);
    expect(readingAt(one, 3500)).toBeNull();
    expect(readingAt(one, -1)).toBeNull();
    expect(readingAt(series([], []), 0)).toBeNull();
  });
  it('become a table of means without rows for gaps', () => {
    const rows = tableRows([series([0, 1000, 8000], [1, 3, 9])], 0, 10_000, 5);
    expect(rows).toEqual([{ at: 0, values: [2] }, { at: 8000, values: [9] }]);
  });
});

describe('energy columns', () => {
  const energy: Energy = { step: 'hour', t: [0, 1], pv_wh: [500, null], discharged_wh: [0, null], import_wh: [100, null], house_wh: [400, null], charged_wh: [null, null], export_wh: [200, null] };
  it('stand sources on the line and hang uses from it', () => {
    const [first, second] = columnsOf(energy);
    expect(blocksOf(first!)).toEqual([
      { part: 'pv', from: 0, to: 500 }, { part: 'import', from: 500, to: 600 }, { part: 'house', from: -0, to: -400 }, { part: 'export', from: -400, to: -600 },
    ].map((block) => ({ ...block, from: block.from === 0 ? 0 : block.from })));
    expect([first!.known, second!.known]).toEqual([true, false]);
    expect(extent([first!, second!])).toEqual({ up: 600, down: -600 });
  });
});

describe('axes', () => {
  it.each([[10, 5, 2], [7, 5, 2], [4300, 5, 1000], [0.3, 3, 0.1]])('over %d with %d steps go by %d', (span, most, step) => expect(niceStep(span, most)).toBeCloseTo(step));
  it('share one prefix', () => {
    expect(axisScale(4200, 'W')).toEqual({ factor: 1000, unit: 'kW' });
    expect(axisScale(4200, 'V')).toEqual({ factor: 1, unit: 'V' });
  });
  it('show as many decimals as the step needs', () => {
    expect(tickText(1, 0.5, 'en-GB')).toBe('1.0');
    expect(tickText(-2.5, 2.5, 'en-GB')).toBe('\u22122.5');
    expect(tickText(0.3, 0.1, 'de-DE')).toBe('0,3');
    expect(tickText(-2, 1, 'en-GB')).toBe('\u22122');
  });
});

describe('looks of curves', () => {
  const device = (id: string, use: Device['use']) => ({ id, use }) as Device;
  const house = [device('grid', 'grid_meter'), device('roof', 'pv'), device('shed', 'hybrid'), device('heat', 'sub_meter'), device('store', 'battery')];
  const looks = (...ids: string[]) => assignLooks(ids.map((series) => ({ series, unit: series.endsWith('soc') ? '%' : 'W' })), house);
  it('keep the one meaning of the energy colours', () => {
    const found = looks('grid/meter.power', 'roof/ac.power', 'shed/battery.power', 'shed/battery.soc', 'heat/meter.power', 'roof/device.temperature');
    expect([...found.values()].map((look) => look.ink)).toEqual(['import', 'sun', 'battery', 'battery', 'house', 'other-1']);
    expect([...found.values()].every((look) => look.dash.length === 0)).toBe(true);
  });
  it('tell import from feed-in where the sign does', () => {
    const found = looks('grid/meter.power', 'grid/meter.voltage.l1', 'grid/meter.phase.power.l1', 'heat/meter.power');
    expect([...found.values()].map((look) => look.below)).toEqual(['feed-in', null, 'feed-in', null]);
  });
  it('never make the sun of a second inverter look like feed-in', () => {
    const second = looks('roof/ac.power', 'shed/pv.power').get('shed/pv.power')!;
    expect(second.ink).toBe('sun-2');
    expect(second.dash.length).toBeGreaterThan(0);
  });
  it.each(['meter.power.', 'pv.string.current.', 'device.temperature.'])('never repeat (%s)', (role) => {
    const found = looks(...Array.from({ length: 8 }, (_, i) => `roof/${role}${i + 1}`));
    expect(new Set([...found.values()].map((look) => JSON.stringify(look))).size).toBe(8);
  });
});

describe('fingers', () => {
  const span = { from: 0, to: 100 };
  it('pan with one', () => expect(moved(span, [50], [60], 100)).toEqual({ from: -10, to: 90 }));
  it('zoom with two, and what was under them stays under them', () => expect(moved(span, [25, 75], [0, 100], 100)).toEqual({ from: 25, to: 75 }));
  it('do not turn the axis around', () => expect(moved(span, [25, 75], [100, 0], 100)).toEqual(span));
});

describe('the axis of a decision', () => {
  const link = { kind: 'limit' as const, rank: 'bms' as const, source: '', text: '' };
  it('spans the tightest limits, every value, and zero', () => {
    const axis = axisOf([{ ...link, low: 1000, high: 2500, value: null }, { ...link, low: null, high: null, value: 3000 }])!;
    expect(axis.low).toBeLessThan(0);
    expect(axis.high).toBeGreaterThan(3000);
  });
  it('is not flattened by a nameplate far wider than what matters', () => {
    const axis = axisOf([{ ...link, low: -100_000, high: 100_000, value: null }, { ...link, low: -2500, high: 2500, value: null }, { ...link, low: null, high: null, value: -2400 }])!;
    expect(axis.low).toBeGreaterThan(-3000);
    expect(axis.high).toBeLessThan(3000);
  });
  it('needs something to span', () => expect(axisOf([{ ...link, low: null, high: null, value: null }])).toBeNull());
});
