// Pure translation: a key, numbers and names in; a sentence out.
import type { Said } from '../api/types';
import { formatQuantity } from '../lib/format';
import type { MessageKey, Messages } from './en';

export type Values = Readonly<Record<string, string | number>>;
export type Translate = (key: MessageKey, values?: Values) => string;
type PluralBase = MessageKey extends infer K ? (K extends `${infer B}_other` ? B : never) : never;

export function makeTranslate(messages: Messages): Translate {
  return (key, values) => fill(messages[key], values);
}

export function makePlural(messages: Messages, locale: string) {
  const rules = new Intl.PluralRules(locale);
  return (base: PluralBase, count: number, values?: Values): string => {
    const key = `${base}_${rules.select(count)}` as MessageKey;
    return fill(messages[key] ?? messages[`${base}_other` as MessageKey], { count, ...values });
  };
}

export function fill(text: string, values?: Values): string {
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

// The numbers of the server's sentence carry their unit in the name: power_w, limit_percent.
const UNITS: ReadonlyArray<readonly [suffix: string, unit: string]> = [['_wh', 'Wh'], ['_w', 'W'], ['_percent', '%'], ['_soc', '%']];

export function sentenceValues(values: Readonly<Record<string, number>>, locale: string): Values {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const unit = UNITS.find(([suffix]) => name.endsWith(suffix))?.[1] ?? '';
    texts[name] = formatQuantity(unit === 'W' ? Math.abs(value) : value, unit, locale).text;
  }
  return texts;
}

// "ac.phase.power.l2" -> "AC power L2"; "pv.string.voltage.1" -> "String voltage 1"; an unknown role stays readable.
export function roleName(role: string, names: Readonly<Record<string, string>>): string {
  if (names[role]) return names[role];
  const match = /^(.*)\.(l[123]|\d+)$/.exec(role);
  const base = match?.[1] ? names[match[1]] : undefined;
  return base && match?.[2] ? `${base} ${match[2].toUpperCase()}` : role;
}

// Sentences of the gateway by their code (phrases_de.ts). English is what the gateway itself writes.
export type Phrases = Readonly<Record<string, string>>;

// Blanks that hold a device's id, which people know by its name.
const OF_DEVICES: readonly string[] = ['device', 'other', 'largest', 'near'];

export interface Names { roles: Readonly<Record<string, string>>; devices?: ReadonlyMap<string, string>; profileWords?: Readonly<Record<string, string>> }

// A value may be a sentence of its own; one that has no translation stays as it was written.
export function retold(said: Said | null | undefined, phrases: Phrases, names: Names): string | null {
  const text = said?.code ? phrases[said.code] : undefined;
  if (!said || text === undefined) return null;
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(said.values ?? {})) {
    values[name] = typeof value === 'string' ? called(name, value, names) : retold(value, phrases, names) ?? value.text;
  }
  return fill(text, values);
}

function called(blank: string, value: string, { roles, devices, profileWords }: Names): string {
  if (blank === 'role') return roleName(value, roles);
  if (blank === 'what') return profileWords?.[value] ?? value;
  return (OF_DEVICES.includes(blank) ? devices?.get(value) : undefined) ?? value;
}
