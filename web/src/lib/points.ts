// How the points of a device are put in groups, and which of them it offers without having them. Pure.
import type { LivePoint } from '../state/state';

export type Group = 'meter' | 'ac' | 'pv' | 'battery' | 'device' | 'setpoints' | 'other';
const ORDER: readonly Group[] = ['meter', 'ac', 'pv', 'battery', 'setpoints', 'device', 'other'];

export function groupPoints(points: Iterable<LivePoint>): Array<{ group: Group; points: LivePoint[] }> {
  const groups = new Map<Group, LivePoint[]>();
  for (const point of points) {
    const group = groupOf(point);
    const list = groups.get(group);
    if (list) list.push(point);
    else groups.set(group, [point]);
  }
  return ORDER.filter((group) => groups.has(group)).map((group) => ({ group, points: groups.get(group)! }));
}

// What everything else is reckoned from: its lack is a fault to be seen, never a part that is not there.
const ESSENTIAL: readonly string[] = ['meter.power', 'ac.power', 'pv.power', 'battery.power', 'battery.soc'];

export function maybeAbsent(point: Pick<LivePoint, 'quality' | 'kind' | 'role'>): boolean {
  return point.quality === 'invalid' && point.kind !== 'setpoint' && !ESSENTIAL.includes(point.role);
}

function groupOf(point: LivePoint): Group {
  if (point.kind === 'setpoint') return 'setpoints';
  const first = point.role.split('.')[0] ?? '';
  return (ORDER as readonly string[]).includes(first) ? (first as Group) : 'other';
}
