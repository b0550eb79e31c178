import { describe, expect, it } from 'vitest';
import { addSpan, fromInputValue, fromWall, lastHour, startOf, toInputValue } from './time';

const BERLIN = 'Europe/Berlin';
const utc = (text: string) => Date.parse(text);

describe('the site\'s calendar', () => {
  it('starts the day at local midnight', () => {
    expect(startOf('day', utc('2026-06-20T23:30:00Z'), BERLIN)).toBe(utc('2026-06-20T22:00:00Z'));
    expect(startOf('day', utc('2026-01-20T12:00:00Z'), BERLIN)).toBe(utc('2026-01-19T23:00:00Z'));
  });
  it('starts the week on Monday and the month on the first', () => {
    expect(startOf('week', utc('2026-06-21T12:00:00Z'), BERLIN)).toBe(utc('2026-06-14T22:00:00Z'));
    expect(startOf('month', utc('2026-06-21T12:00:00Z'), BERLIN)).toBe(utc('2026-05-31T22:00:00Z'));
  });
  it('has a day of 23 h in spring and of 25 h in autumn', () => {
    const spring = startOf('day', utc('2026-03-29T12:00:00Z'), BERLIN);
    const autumn = startOf('day', utc('2026-10-25T12:00:00Z'), BERLIN);
    expect(addSpan('day', spring, 1, BERLIN) - spring).toBe(23 * 3_600_000);
    expect(addSpan('day', autumn, 1, BERLIN) - autumn).toBe(25 * 3_600_000);
  });
  it('steps over months and years', () => {
    const december = fromWall(BERLIN, 2026, 12, 1);
    expect(addSpan('month', december, 1, BERLIN)).toBe(utc('2026-12-31T23:00:00Z'));
    expect(addSpan('year', december, -1, BERLIN)).toBe(utc('2025-11-30T23:00:00Z'));
    expect(addSpan('day', december, -1, BERLIN)).toBe(utc('2026-11-29T23:00:00Z'));
  });
  it('knows the last hour, ending on round five minutes', () => {
    const { from, to } = lastHour(utc('2026-06-20T11:21:07Z'));
    expect([from, to]).toEqual([utc('2026-06-20T10:25:00Z'), utc('2026-06-20T11:25:00Z')]);
    expect(lastHour(to).to).toBe(to);
  });
  it('fills date fields with the site\'s wall clock and reads them back', () => {
    const at = utc('2026-06-20T11:20:00Z');
    expect(toInputValue(at, BERLIN)).toBe('2026-06-20T13:20');
    expect(fromInputValue('2026-06-20T13:20', BERLIN)).toBe(at);
    expect(fromInputValue('', BERLIN)).toBeNull();
  });
});
