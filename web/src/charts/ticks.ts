// Round numbers for axes. Pure.
export function niceStep(span: number, most: number): number {
  if (!(span > 0)) return 1;
  const rough = span / Math.max(1, most);
  const decade = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((factor) => factor * decade >= rough * 0.9999) ?? 10) * decade;
}

// Axis numbers share one prefix per axis: 0, 500, 1000 W become 0, 0.5, 1 kW.
export function axisScale(largest: number, unit: string): { factor: number; unit: string } {
  if (!['W', 'Wh', 'var', 'VA'].includes(unit)) return { factor: 1, unit };
  if (largest >= 1e9) return { factor: 1e9, unit: `G${unit}` };
  if (largest >= 1e6) return { factor: 1e6, unit: `M${unit}` };
  if (largest >= 1e3) return { factor: 1e3, unit: `k${unit}` };
  return { factor: 1, unit };
}

export function tickText(value: number, step: number, locale: string): string {
  let decimals = 0; // as many as the step needs: 0.25 needs two, 2.5 one
  while (decimals < 6 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6 * step * 10 ** decimals) decimals += 1;
  const text = new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value);
  return text.replace('-', '\u2212');
}
