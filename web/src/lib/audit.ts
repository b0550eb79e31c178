// What the audit log says about one device. Rows are words of the gateway with JSON before and after. Pure.
import type { AuditRow } from '../api/types';

export interface Change {
  at: number;
  who: string;
  kind: 'added' | 'changed' | 'replaced' | 'removed' | 'setting' | 'settingFailed' | 'firmware' | 'other';
  key: string; // of the setting, or the words as they are
  parts: ReadonlyArray<{ name: string; old: string | null; now: string | null }>;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(text: string | null): Fields | null {
  if (!text?.startsWith('{')) return null;
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return null;
  }
}

const plain = (value: unknown): string | null => (value === undefined || value === null ? null : String(value));

// Only what is different, so that one look tells what was done.
function difference(old: Fields | null, now: Fields | null): Change['parts'] {
  if (!old || !now) return [];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => plain(old[name]) !== plain(now[name]));
  return names.map((name) => ({ name, old: plain(old[name]), now: plain(now[name]) }));
}

export function changesOf(device: string, rows: readonly AuditRow[]): Change[] {
  return rows.flatMap((row) => {
    const base = { at: row.at, who: row.who };
    const site = /^device (added|changed|replaced|removed)$/.exec(row.what);
    if (site) {
      const [old, now] = [fieldsOf(row.old), fieldsOf(row.new)];
      if ((now ?? old)?.['id'] !== device) return [];
      return [{ ...base, kind: site[1] as Change['kind'], key: '', parts: difference(old, now) }];
    }
    const setting = /^setting (\S+) of device (\S+?)( not written)?$/.exec(row.what);
    if (setting) {
      if (setting[2] !== device) return [];
      return [{ ...base, kind: setting[3] ? 'settingFailed' as const : 'setting' as const, key: setting[1]!, parts: row.new === null ? [] : [{ name: '', old: row.old, now: row.new }] }];
    }
    const firmware = /^firmware upgrade of device (\S+?):? (.*)$/.exec(row.what);
    if (firmware?.[1] === device) return [{ ...base, kind: 'firmware' as const, key: firmware[2]!, parts: [] }];
    return [];
  });
}
