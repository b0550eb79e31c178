// Which colour a curve gets. Energy colours keep their one meaning: sun for solar, and so on; the rest comes from a
// neutral set. A second curve of the same meaning takes the next free colour.
const MEANING: ReadonlyArray<readonly [pattern: RegExp, slot: number]> = [
  [/^(pv|ac)\./, 0],
  [/^battery\./, 1],
  [/^meter\./, 2],
];
export const SLOTS = 8;

export function assignColours(series: readonly string[]): Map<string, number> {
  const chosen = new Map<string, number>();
  const taken = new Set<number>();
  for (const id of series) {
    const role = id.slice(id.indexOf('/') + 1);
    const wish = MEANING.find(([pattern]) => pattern.test(role))?.[1];
    const free = Array.from({ length: SLOTS }, (_, i) => i);
    const slot = wish !== undefined && !taken.has(wish) ? wish : (free.find((i) => i > 2 && !taken.has(i)) ?? free.find((i) => !taken.has(i)) ?? 0);
    taken.add(slot);
    chosen.set(id, slot);
  }
  return chosen;
}

// Canvas needs real colours; they come from the style sheet so that light and dark stay in one place.
export function cssColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function withAlpha(hex: string, alpha: number): string {
  return hex + Math.round(alpha * 255).toString(16).padStart(2, '0');
}
