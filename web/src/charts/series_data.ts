// From the gateway's columns to what the chart draws. Pure.
import type { HistorySeries } from '../api/types';

export interface Aligned {
  t: number[]; // s, as uPlot wants it
  columns: Array<Array<number | null | undefined>>; // mean, min, max per series; null breaks the line, undefined does not
}

const pauses = new WeakMap<HistorySeries, number>();

// The longest pause that is no gap, ms: a bucket and a half, or two and a half times what the point usually needs. A
// point read every ten seconds has empty buckets between its values when looked at closely.
function longestPause(series: HistorySeries): number {
  const found = pauses.get(series);
  if (found !== undefined) return found;
  const steps = series.t.slice(1).map((at, i) => at - series.t[i]!).sort((a, b) => a - b);
  const usual = steps[Math.floor((steps.length - 1) / 2)] ?? 0;
  const pause = Math.max(series.step_ms * 1.5, usual * 2.5);
  pauses.set(series, pause);
  return pause;
}

// One time axis for all. A null stands behind the last bucket before a gap, so that a gap is drawn as a gap.
export function alignSeries(series: readonly HistorySeries[]): Aligned {
  const instants = new Set<number>();
  const breaks = series.map(() => new Set<number>());
  series.forEach((one, s) => one.t.forEach((at, i) => {
    instants.add(at);
    const next = one.t[i + 1];
    if (next !== undefined && next - at > longestPause(one)) {
      instants.add(at + one.step_ms);
      breaks[s]!.add(at + one.step_ms);
    }
  }));
  const t = [...instants].sort((a, b) => a - b);
  const row = new Map(t.map((at, i) => [at, i]));
  const columns: Aligned['columns'] = [];
  series.forEach((one, s) => {
    for (const source of [one.mean, one.min, one.max]) {
      const column = new Array<number | null | undefined>(t.length).fill(undefined);
      for (const at of breaks[s]!) column[row.get(at)!] = null;
      one.t.forEach((at, i) => (column[row.get(at)!] = source[i] ?? null));
      columns.push(column);
    }
  });
  return { t: t.map((at) => at / 1000), columns };
}

// Panels: series of one unit together, in the order chosen.
export function groupByUnit(series: readonly HistorySeries[]): Array<{ unit: string; series: HistorySeries[] }> {
  const groups: Array<{ unit: string; series: HistorySeries[] }> = [];
  for (const one of series) {
    const group = groups.find((g) => g.unit === one.unit);
    if (group) group.series.push(one);
    else groups.push({ unit: one.unit, series: [one] });
  }
  return groups;
}

export interface Reading { mean: number; min: number; max: number; at: number }

// The bucket that holds an instant; null in a gap.
export function readingAt(series: HistorySeries, at: number): Reading | null {
  let low = 0;
  let high = series.t.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (series.t[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  const start = series.t[low];
  if (start === undefined || at < start) return null;
  const next = series.t[low + 1];
  const end = next !== undefined && next - start <= longestPause(series) ? next : start + series.step_ms;
  if (at >= end) return null;
  return { at: start, mean: series.mean[low]!, min: series.min[low]!, max: series.max[low]! };
}

export interface TableRow { at: number; values: Array<number | null> }

// The same data for those who read instead of look: at most `most` rows of means.
export function tableRows(series: readonly HistorySeries[], from: number, to: number, most: number): TableRow[] {
  const step = Math.max(1, (to - from) / most);
  const rows: TableRow[] = [];
  for (let i = 0; i < most; i += 1) {
    const start = from + i * step;
    const values = series.map((one) => meanBetween(one, start, start + step));
    if (values.some((value) => value !== null)) rows.push({ at: start, values });
  }
  return rows;
}

function meanBetween(series: HistorySeries, from: number, to: number): number | null {
  let sum = 0;
  let count = 0;
  series.t.forEach((at, i) => {
    if (at < from || at >= to) return;
    sum += series.mean[i]!;
    count += 1;
  });
  if (count > 0) return sum / count;
  return readingAt(series, from)?.mean ?? null; // rows finer than buckets
}
