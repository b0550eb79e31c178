// How a curve looks. Energy colours keep their one meaning everywhere: sun, battery, grid (import above zero, feed-in
// below), house; what is no energy takes a neutral set. Further curves of the same meaning in the same panel differ by
// shade and dash. Pure, but for cssColour.
import type { Device } from '../api/types';
import { splitSeries } from '../lib/series';

export interface Look {
  ink: string; // name of a colour in tokens.css
  below: string | null; // the colour below zero, where the sign changes the meaning
  dash: readonly number[]; // px; empty = a solid line
}
type Meaning = 'sun' | 'battery' | 'grid' | 'house' | 'other';

const DASHES: ReadonlyArray<readonly number[]> = [[], [9, 4], [2, 3], [9, 3, 2, 3]];
const OTHERS = 3;

export function assignLooks(series: ReadonlyArray<{ series: string; unit: string }>, devices: readonly Device[]): Map<string, Look> {
  const looks = new Map<string, Look>();
  const counts = new Map<string, number>();
  for (const { series: id, unit } of series) {
    const { device, role } = splitSeries(id);
    const meaning = meaningOf(role, devices.find((one) => one.id === device)?.use);
    const place = `${meaning} ${unit}`;
    const nth = counts.get(place) ?? 0;
    counts.set(place, nth + 1);
    looks.set(id, lookOf(meaning, role, nth));
  }
  return looks;
}

function meaningOf(role: string, use: Device['use'] | undefined): Meaning {
  const first = role.split('.')[0];
  if (first === 'battery') return 'battery';
  if (first === 'meter') return use === 'sub_meter' ? 'house' : 'grid';
  if (first === 'pv') return 'sun';
  if (first === 'ac') return use === 'battery' ? 'battery' : 'sun';
  return 'other';
}

function lookOf(meaning: Meaning, role: string, nth: number): Look {
  if (meaning === 'other') return { ink: `other-${(nth % OTHERS) + 1}`, below: null, dash: DASHES[Math.floor(nth / OTHERS) % DASHES.length]! };
  // Eight curves, eight looks: each round of dashes begins with the other shade.
  const shade = (nth + Math.floor(nth / DASHES.length)) % 2 ? '-2' : '';
  const dash = DASHES[nth % DASHES.length]!;
  if (meaning !== 'grid') return { ink: meaning + shade, below: null, dash };
  return { ink: `import${shade}`, below: /\.power(\.l\d)?$/.test(role) ? `feed-in${shade}` : null, dash };
}

// Canvas needs real colours; they come from the style sheet so that light and dark stay in one place.
export function cssColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function withAlpha(hex: string, alpha: number): string {
  return hex + Math.round(alpha * 255).toString(16).padStart(2, '0');
}
