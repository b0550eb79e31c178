// Energy colours can be told apart with every kind of colour vision, on both themes, and text can be read.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('src/styles/tokens.css', 'utf8');
const block = (selector: string) => {
  const start = css.indexOf(selector);
  const body = css.slice(css.indexOf('{', start) + 1, css.indexOf('}', start));
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((match) => [match[1]!, match[2]!.trim()]));
};
const light = block(':root {');
const dark = block(':root[data-theme="dark"]');
const bySystem = block(':root:not([data-theme="light"])');

type Rgb = [number, number, number];
const linear = (hex: string) => [1, 3, 5].map((i) => {
  const c = parseInt(hex.slice(i, i + 2), 16) / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}) as Rgb;
const times = (m: readonly Rgb[], v: Rgb) => m.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as Rgb;

// Machado, Oliveira and Fernandes 2009, severity 1.0.
const visions: Record<string, readonly Rgb[]> = {
  all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

function oklab(rgb: Rgb): Rgb {
  const lms = times([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]], rgb.map((c) => Math.max(0, c)) as Rgb).map(Math.cbrt) as Rgb;
  return times([[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099], [0.0259040371, 0.7827717662, -0.808675766]], lms);
}
const distance = (a: string, b: string, vision: string) => Math.hypot(...oklab(times(visions[vision]!, linear(a))).map((c, i) => c - oklab(times(visions[vision]!, linear(b)))[i]!));
const luminance = (hex: string) => { const [r, g, b] = linear(hex); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const contrast = (a: string, b: string) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);

const energy = ['sun', 'battery', 'import', 'feed-in', 'house'] as const;

describe.each([['light', light], ['dark', dark]])('%s', (_, theme) => {
  it.each(Object.keys(visions))('energy colours differ (%s)', (vision) => {
    energy.forEach((a, i) => energy.slice(i + 1).forEach((b) => {
      expect([a, b, distance(theme[a]!, theme[b]!, vision) > 0.1]).toEqual([a, b, true]);
    }));
  });
  it.each(Object.keys(visions))('the two shades of an energy differ (%s)', (vision) => {
    for (const name of energy) expect([name, distance(theme[name]!, theme[`${name}-2`]!, vision) > 0.1]).toEqual([name, true]);
  });
  it('every colour of a curve stands out from the card (3 : 1)', () => {
    for (const name of [...energy, ...energy.map((one) => `${one}-2`), 'other-1', 'other-2', 'other-3']) expect([name, contrast(theme[name]!, theme.card!) >= 3]).toEqual([name, true]);
  });
  it('text can be read on every ground (4.5 : 1)', () => {
    for (const ink of ['ink', 'ink-2', 'ink-3', 'good', 'bad']) for (const ground of ['page', 'card']) expect([ink, ground, contrast(theme[ink]!, theme[ground]!) >= 4.5]).toEqual([ink, ground, true]);
    for (const ink of ['ink', 'ink-2', 'good']) expect([ink, contrast(theme[ink]!, theme.sunk!) >= 4.5]).toEqual([ink, true]);
    expect(contrast(theme.bad!, theme['bad-soft']!)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(theme['line-strong']!, theme.card!)).toBeGreaterThanOrEqual(3);
  });
});

it('dark is the same by choice and by system', () => expect(dark).toEqual(bySystem));
