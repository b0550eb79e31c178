// Geometry of the flow picture: how wide a line is, which way it goes, how fast its dots travel. Pure.
import type { Overview } from '../api/types';

export type NodeName = 'pv' | 'grid' | 'battery' | 'house';
export type Direction = 'forward' | 'backward' | 'still' | 'unknown'; // forward = a positive value

export interface Leg {
  direction: Direction;
  width: number; // px
  period: number; // s for a dot to travel one gap; 0 = still
}

export const STALE_MS = 15_000; // older than this, a value is no longer "now"
const STILL_BELOW_W = 15; // meter noise and the control's dead band, not a flow
const NARROWEST = 4;
const WIDEST = 32;
export const DOT_GAP = 24; // px
const SLOWEST = 18; // px/s
const FASTEST = 75;
const SPEED_STEPS = 8; // the rate changes in steps, so that a value that trembles does not make dots stutter

const powers = (flow: Overview['flow']) => [flow.pv_w.value, flow.grid_w.value, flow.battery_w.value, flow.house_w.value];

// The power that the widest line stands for: the next of 1, 2, 5, 10... kW, never below 2 kW, so that a sleeping
// house looks asleep.
export function flowScale(flow: Overview['flow']): number {
  const most = Math.max(0, ...powers(flow).map((value) => Math.abs(value ?? 0)));
  if (most <= 2000) return 2000;
  const decade = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 5, 10].find((factor) => factor * decade >= most)!;
  return step * decade;
}

export function directionOf(value: number): Exclude<Direction, 'unknown'> {
  if (Math.abs(value) < STILL_BELOW_W) return 'still';
  return value > 0 ? 'forward' : 'backward';
}

export function legFor(value: number | null, scale: number): Leg {
  if (value === null) return { direction: 'unknown', width: 2, period: 0 };
  const size = Math.abs(value);
  const direction = directionOf(value);
  if (direction === 'still') return { direction, width: 2, period: 0 };
  const share = Math.min(1, size / scale);
  const speed = SLOWEST + (FASTEST - SLOWEST) * (Math.ceil(share * SPEED_STEPS) / SPEED_STEPS);
  return {
    direction,
    width: Math.round(NARROWEST + (WIDEST - NARROWEST) * share),
    period: Number((DOT_GAP / speed).toFixed(2)),
  };
}

// What runs along the bar from the left side (sun, battery) to the right side (grid, house), W; null when neither side
// is fully known.
export function alongBar(flow: Overview['flow']): number | null {
  const { pv_w, battery_w, grid_w, house_w } = flow;
  if (pv_w.value !== null && battery_w.value !== null) return pv_w.value + battery_w.value;
  if (grid_w.value !== null && house_w.value !== null) return house_w.value - grid_w.value;
  return null;
}

// Share of what the house takes now that does not come from the grid, %.
export function ownShare(flow: Overview['flow']): number | null {
  const house = flow.house_w.value;
  const grid = flow.grid_w.value;
  if (house === null || grid === null || house < STILL_BELOW_W) return null;
  return 100 * Math.min(1, Math.max(0, 1 - Math.max(0, grid) / house));
}
