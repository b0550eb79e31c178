// What becomes of a found device: its group, the name and use it is offered with, and the line it needs. Pure.
import type { Bus, Found, Profile, TcpSettings, Use } from '../api/types';

export type Group = 'new' | 'unsure' | 'known';

export function groupOf(found: Found): Group {
  if (found.device !== null) return 'known';
  return found.profile === null ? 'unsure' : 'new';
}

export const keyOf = (found: Found): string => `${found.place} ${found.unit}`;

// What a person may still change before it is added.
export interface Draft { name: string; use: Use; profile: string }

export function titleOf(found: Found): string {
  return [found.maker, found.model].filter(Boolean).join(' ');
}

// A second device of the same name gets its address behind it: two rows "Eastron SDM630" are nobody's friend.
export function draftOf(found: Found, all: readonly Found[], profiles: readonly Profile[], hasGridMeter: boolean): Draft {
  const profile = found.profile ?? '';
  const known = profiles.find((one) => one.name === profile);
  const title = titleOf(found) || known?.products[0] || `${found.place} ${found.unit}`;
  const isAlone = all.filter((one) => titleOf(one) === titleOf(found)).length < 2;
  const use = found.use ?? known?.use ?? 'sub_meter';
  return { name: (isAlone ? title : `${title} (${found.unit})`).slice(0, 64), use: use === 'grid_meter' && hasGridMeter ? 'sub_meter' : use, profile };
}

// The line or connection of the site on which it answers; null: one has to be made first.
export function busOf(found: Found, buses: readonly Bus[]): string | null {
  if (found.bus !== null) return found.bus;
  const same = buses.find(({ settings }) => settings.kind === 'tcp' && settings.host === found.host && settings.port === found.port);
  return same?.id ?? null;
}

export function newBusOf(found: Found, buses: readonly Bus[]): { id: string; settings: TcpSettings } {
  const base = `tcp-${(found.host ?? 'host').replace(/[^A-Za-z0-9]+/g, '-')}`.slice(0, 28).replace(/-$/, '');
  let id = base;
  for (let n = 2; buses.some((bus) => bus.id === id); n += 1) id = `${base}-${n}`;
  return { id, settings: { kind: 'tcp', host: found.host ?? '', port: found.port ?? 502, framing: 'tcp' } };
}
