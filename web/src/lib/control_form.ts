// Checking of the control settings while they are typed. The gateway checks again. Pure.
import type { ControlSettings, ControlSettingsChange, FeedInMode } from '../api/types';

export interface ControlForm { enabled: boolean; target: string; mode: FeedInMode; watts: string; percent: string }
export interface Limits { low: number; high: number | null }

export const TARGET: Limits = { low: -100_000, high: 100_000 };
export const WATTS: Limits = { low: 0, high: null };
export const PERCENT: Limits = { low: 0, high: 100 };

export function formOf({ self_consumption, feed_in_limit }: ControlSettings): ControlForm {
  const value = String(feed_in_limit.value);
  return {
    enabled: self_consumption.enabled,
    target: String(self_consumption.import_target_w),
    mode: feed_in_limit.mode,
    watts: feed_in_limit.mode === 'watts' ? value : '0',
    percent: feed_in_limit.mode === 'percent' ? value : '60',
  };
}

export type Fault = 'number' | 'range' | null;

export function parseNumber(text: string): number | null {
  const plain = text.trim().replace('\u2212', '-').replace(',', '.');
  return /^[+-]?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

export function faultOf(text: string, { low, high }: Limits): Fault {
  const value = parseNumber(text);
  if (value === null) return 'number';
  return value < low || (high !== null && value > high) ? 'range' : null;
}

export function changeOf(form: ControlForm): ControlSettingsChange | null {
  const limitText = form.mode === 'watts' ? form.watts : form.mode === 'percent' ? form.percent : '0';
  const limits = form.mode === 'watts' ? WATTS : PERCENT;
  if (faultOf(form.target, TARGET) || faultOf(limitText, limits)) return null;
  return {
    self_consumption: { enabled: form.enabled, import_target_w: parseNumber(form.target)! },
    feed_in_limit: { mode: form.mode, value: parseNumber(limitText)! },
  };
}

export const sameForm = (a: ControlForm, b: ControlForm): boolean => JSON.stringify(changeOf(a)) === JSON.stringify(changeOf(b));
