// One link of a decision as a picture: the span that was allowed, and the value wished or chosen, on a shared axis.
import type { ChainLink } from '../api/types';

export interface Axis { low: number; high: number }

export function axisOf(chain: readonly ChainLink[]): Axis | null {
  const known = (values: ReadonlyArray<number | null>) => values.filter((v): v is number => v !== null && Math.abs(v) < 1e8);
  // The tightest limits and what was wished and chosen; a nameplate twenty times as wide runs off the sides.
  const lows = known(chain.map((link) => link.low));
  const highs = known(chain.map((link) => link.high));
  const ends = known(chain.map((link) => link.value));
  if (lows.length) ends.push(Math.max(...lows));
  if (highs.length) ends.push(Math.min(...highs));
  if (ends.length === 0) return null;
  const low = Math.min(0, ...ends);
  const high = Math.max(0, ...ends);
  if (low === high) return null;
  const margin = (high - low) * 0.04;
  return { low: low - margin, high: high + margin };
}

const percent = (axis: Axis, value: number) => Math.max(0, Math.min(100, (100 * (value - axis.low)) / (axis.high - axis.low)));

export function IntervalBar({ link, axis }: { link: ChainLink; axis: Axis }) {
  const from = link.low === null ? 0 : percent(axis, link.low);
  const to = link.high === null ? 100 : percent(axis, link.high);
  return (
    <div class={`interval interval-${link.kind}`} aria-hidden="true">
      <div class="interval-span" style={{ left: `${from}%`, width: `${Math.max(0.5, to - from)}%` }} />
      <div class="interval-zero" style={{ left: `${percent(axis, 0)}%` }} />
      {link.value === null ? null : <div class="interval-value" style={{ left: `${percent(axis, link.value)}%` }} />}
    </div>
  );
}
