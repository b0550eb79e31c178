// How numbers look everywhere: three significant digits, the unit always, W below 1 kW, local digits.
// Pure; the locale is passed in. Unknown (null) is a dash, never 0.

export interface Formatted {
  number: string;
  unit: string;
  text: string; // number, no-break space, unit
}

export const DASH = '–';
const SPACE = '\u00a0';
const MINUS = '\u2212';

const cache = new Map<string, Intl.NumberFormat>();
function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  let format = cache.get(key);
  if (!format) cache.set(key, (format = new Intl.NumberFormat(locale, options)));
  return format;
}

function digits(value: number, locale: string, options: Intl.NumberFormatOptions): string {
  const text = numberFormat(locale, options).format(value);
  return text.replace('-', MINUS).replace(/^\u2212(0([.,]0*)?)$/, '$1');
}

// Three significant digits; whole numbers from 100 up, so that 1234 V stays 1234 V.
function significant(value: number, locale: string): string {
  const size = Math.abs(value);
  if (size === 0) return digits(0, locale, { maximumFractionDigits: 0 });
  if (size >= 99.95) return digits(value, locale, { maximumFractionDigits: 0 });
  const decimals = size >= 9.995 ? 1 : 2;
  return digits(value, locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

const PREFIXES = ['', 'k', 'M', 'G', 'T'];
const SCALED = new Set(['W', 'Wh', 'var', 'VA']);

function scaled(value: number, unit: string, locale: string): Formatted {
  let step = 0;
  let rest = value;
  // 999.5 W would round to 1000 W; it is shown as 1.00 kW.
  while (step < PREFIXES.length - 1 && Math.abs(rest) >= (step === 0 ? 999.5 : 999.95)) {
    rest /= 1000;
    step += 1;
  }
  const number = step === 0 ? digits(rest, locale, { maximumFractionDigits: 0 }) : significant(rest, locale);
  return join(number, PREFIXES[step] + unit);
}

function join(number: string, unit: string): Formatted {
  return { number, unit, text: unit ? number + SPACE + unit : number };
}

export function formatQuantity(value: number | null | undefined, unit: string, locale: string): Formatted {
  if (value === null || value === undefined || !Number.isFinite(value)) return { number: DASH, unit, text: DASH };
  if (SCALED.has(unit)) return scaled(value, unit, locale);
  if (unit === '%') return join(digits(value, locale, { maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0 }), unit);
  // Grid frequency says nothing at three digits.
  if (unit === 'Hz') return join(digits(value, locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }), unit);
  return join(significant(value, locale), unit);
}

// Every digit we have, for hover and for tables.
export function formatExact(value: number | null | undefined, unit: string, locale: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  return join(digits(value, locale, { maximumFractionDigits: 3 }), unit).text;
}

export function formatCount(value: number | null | undefined, locale: string): string {
  if (value === null || value === undefined) return DASH;
  return digits(value, locale, { maximumFractionDigits: 0 });
}

export function formatBytes(bytes: number | null | undefined, locale: string): string {
  if (bytes === null || bytes === undefined) return DASH;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let step = 0;
  let rest = bytes;
  while (rest >= 999.5 && step < units.length - 1) {
    rest /= 1000;
    step += 1;
  }
  return join(step === 0 ? digits(rest, locale, { maximumFractionDigits: 0 }) : significant(rest, locale), units[step]!).text;
}

export function formatLatency(us: number | null | undefined, locale: string): string {
  if (us === null || us === undefined) return DASH;
  if (us < 1000) return join(digits(us, locale, { maximumFractionDigits: 0 }), 'µs').text;
  if (us < 999_500) return join(significant(us / 1000, locale), 'ms').text;
  return join(significant(us / 1e6, locale), 's').text;
}

// Age as people say it: "3 s", "5 min", "2 h", "4 d".
export function formatAge(ms: number | null | undefined, locale: string): string {
  if (ms === null || ms === undefined) return DASH;
  const s = Math.max(0, ms / 1000);
  const whole = (value: number, unit: string) => join(digits(Math.floor(value), locale, { maximumFractionDigits: 0 }), unit).text;
  if (s < 60) return whole(s, 's');
  if (s < 3600) return whole(s / 60, 'min');
  if (s < 48 * 3600) return whole(s / 3600, 'h');
  return whole(s / 86400, 'd');
}
