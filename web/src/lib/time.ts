// Calendar arithmetic in the site's time zone, wherever the browser is. Instants are ms since 1970 UTC.

const partsCache = new Map<string, Intl.DateTimeFormat>();
function formatter(zone: string): Intl.DateTimeFormat {
  let format = partsCache.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
      hour: '2-digit', minute: '2-digit', second: '2-digit',
    });
    partsCache.set(zone, format);
  }
  return format;
}

export interface Wall { year: number; month: number; day: number; hour: number; minute: number; second: number }

export function wallClock(at: number, zone: string): Wall {
  const wall: Record<string, number> = {};
  for (const part of formatter(zone).formatToParts(at)) if (part.type !== 'literal') wall[part.type] = Number(part.value);
  return wall as unknown as Wall;
}

function offsetMs(at: number, zone: string): number {
  const w = wallClock(at, zone);
  return Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second) - Math.floor(at / 1000) * 1000;
}

// The instant at which the wall clock of `zone` shows this; in a gap (spring) the instant after it.
export function fromWall(zone: string, year: number, month: number, day: number, hour = 0, minute = 0): number {
  const naive = Date.UTC(year, month - 1, day, hour, minute);
  const first = naive - offsetMs(naive, zone);
  return naive - offsetMs(first, zone);
}

export type Span = 'day' | 'week' | 'month' | 'year';

export function startOf(span: Span, at: number, zone: string): number {
  const w = wallClock(at, zone);
  if (span === 'year') return fromWall(zone, w.year, 1, 1);
  if (span === 'month') return fromWall(zone, w.year, w.month, 1);
  if (span === 'day') return fromWall(zone, w.year, w.month, w.day);
  const weekday = (new Date(Date.UTC(w.year, w.month - 1, w.day)).getUTCDay() + 6) % 7; // Monday is 0
  return fromWall(zone, w.year, w.month, w.day - weekday);
}

export function addSpan(span: Span, start: number, count: number, zone: string): number {
  const w = wallClock(start, zone);
  if (span === 'year') return fromWall(zone, w.year + count, w.month, w.day);
  if (span === 'month') return fromWall(zone, w.year, w.month + count, w.day);
  return fromWall(zone, w.year, w.month, w.day + count * (span === 'week' ? 7 : 1));
}

// The last hour up to `at`, ending on a round five minutes so that it does not creep.
export function lastHour(at: number): { from: number; to: number } {
  const to = Math.ceil(at / 300_000) * 300_000;
  return { from: to - 3_600_000, to };
}

// For <input type="datetime-local">: the wall clock of the site, not of the browser.
export function toInputValue(at: number, zone: string): string {
  const w = wallClock(at, zone);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${w.year}-${two(w.month)}-${two(w.day)}T${two(w.hour)}:${two(w.minute)}`;
}

export function fromInputValue(text: string, zone: string): number | null {
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text);
  return m ? fromWall(zone, +m[1]!, +m[2]!, +m[3]!, +m[4]!, +m[5]!) : null;
}
