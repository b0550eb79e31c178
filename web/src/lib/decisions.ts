// Decisions in a row that say nearly the same (a battery following the sun each second) are told as one. Pure.
import type { Decision } from '../api/types';

export interface Episode { newest: Decision; all: readonly Decision[]; low: number | null; high: number | null }

const LONGEST_GAP_MS = 60_000;

// Newest first in and out. One episode: same device and role, same state and sources, no long pause.
export function episodes(decisions: readonly Decision[]): Episode[] {
  const open = new Map<string, Decision[]>();
  const order: Decision[][] = [];
  for (const decision of decisions) {
    const key = `${decision.device}/${decision.role}`;
    const current = open.get(key);
    if (current && continues(current.at(-1)!, decision)) {
      current.push(decision);
    } else {
      const fresh = [decision];
      open.set(key, fresh);
      order.push(fresh);
    }
  }
  return order.map((all) => {
    const values = all.map((one) => one.value).filter((value): value is number => value !== null);
    return { newest: all[0]!, all, low: values.length ? Math.min(...values) : null, high: values.length ? Math.max(...values) : null };
  });
}

function continues(later: Decision, earlier: Decision): boolean {
  const settled = (d: Decision) => (d.state === 'pending' ? 'in_force' : d.state);
  return later.at - earlier.at <= LONGEST_GAP_MS && settled(later) === settled(earlier)
    && (later.value === null) === (earlier.value === null) && signature(later) === signature(earlier);
}

const signature = (decision: Decision) => decision.chain.map((link) => `${link.kind} ${link.rank} ${link.source}`).join('|');
