// What people type, checked before it is sent. Each returns the value, or null when there is none in the text. Pure.

export function wholeNumber(text: string, first: number, last: number): number | null {
  const trimmed = text.trim();
  if (!/^\d{1,9}$/.test(trimmed)) return null;
  const value = Number(trimmed);
  return value >= first && value <= last ? value : null;
}

// Comma or point; nothing typed is no number.
export function decimal(text: string, min: number, max: number): number | null {
  const trimmed = text.trim().replace(',', '.');
  if (!/^[-+]?\d+(\.\d+)?$/.test(trimmed)) return null;
  const value = Number(trimmed);
  return value >= min && value <= max ? value : null;
}

export const isSerial = (text: string): boolean => /^[A-Za-z0-9._/-]{0,32}$/.test(text.trim());
export const isName = (text: string): boolean => text.trim().length > 0 && [...text.trim()].length <= 64;
export const isId = (text: string): boolean => /^[A-Za-z0-9_-]{1,32}$/.test(text);
export const isHost = (text: string): boolean => /^[A-Za-z0-9.:_-]{1,253}$/.test(text.trim());

export function isOnStep(value: number, min: number, step: number): boolean {
  const steps = (value - min) / step;
  return Math.abs(steps - Math.round(steps)) < 1e-6;
}

export function registers(text: string): number[] | null {
  const words = text.trim().split(/[\s,;]+/).filter(Boolean);
  const values = words.map((word) => wholeNumber(word, 0, 65535));
  return words.length > 0 && words.length <= 123 && values.every((value) => value !== null) ? (values as number[]) : null;
}

export function hexBytes(text: string): string | null {
  const digits = text.replace(/[\s:]/g, '').toLowerCase();
  return /^([0-9a-f]{2}){1,253}$/.test(digits) ? digits : null;
}
