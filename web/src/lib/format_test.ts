import { describe, expect, it } from 'vitest';
import { formatAge, formatBytes, formatExact, formatLatency, formatQuantity } from './format';

const text = (value: number | null, unit: string, locale = 'en-GB') => formatQuantity(value, unit, locale).text.replaceAll('\u00a0', ' ');

describe('a quantity', () => {
  it.each([
    [0, 'W', '0 W'], [4, 'W', '4 W'], [849.6, 'W', '850 W'], [999.4, 'W', '999 W'], [999.5, 'W', '1.00 kW'], [4213, 'W', '4.21 kW'],
    [-4213, 'W', '\u22124.21 kW'], [12_345, 'W', '12.3 kW'], [9996, 'W', '10.0 kW'], [123_456, 'W', '123 kW'], [999_960, 'W', '1.00 MW'],
    [31_882_400, 'Wh', '31.9 MWh'], [231.44, 'V', '231 V'], [4.219, 'A', '4.22 A'], [48.63, '°C', '48.6 °C'], [50.014, 'Hz', '50.01 Hz'],
    [64.4, '%', '64 %'], [7.25, '%', '7.3 %'], [0.982, '', '0.98'], [99.96, 'V', '100 V'],
  ])('%d %s is %s', (value, unit, expected) => expect(text(value, unit)).toBe(expected));

  it('is a dash when unknown, never 0', () => {
    expect(text(null, 'W')).toBe('–');
    expect(text(Number.NaN, 'W')).toBe('–');
  });
  it('never shows a negative zero', () => expect(text(-0.2, 'W')).toBe('0 W'));
  it('follows the language', () => expect(text(4213, 'W', 'de-DE')).toBe('4,21 kW'));
});

describe('other numbers', () => {
  it('shows every digit on demand', () => expect(formatExact(4213.456, 'W', 'en-GB')).toBe('4,213.456\u00a0W'));
  it.each([[0, '0 s'], [59_999, '59 s'], [60_000, '1 min'], [3_599_000, '59 min'], [7_200_000, '2 h'], [47 * 3_600_000, '47 h'], [49 * 3_600_000, '2 d']])(
    'age %d ms is %s', (ms, expected) => expect(formatAge(ms, 'en-GB').replace('\u00a0', ' ')).toBe(expected));
  it.each([[812, '812 B'], [19_400_000, '19.4 MB']])('%d bytes are %s', (bytes, expected) => expect(formatBytes(bytes, 'en-GB').replace('\u00a0', ' ')).toBe(expected));
  it.each([[410, '410 µs'], [52_400, '52.4 ms'], [999_600, '1.00 s']])('%d µs is %s', (us, expected) => expect(formatLatency(us, 'en-GB').replace('\u00a0', ' ')).toBe(expected));
});
