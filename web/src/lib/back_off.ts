// How long to wait before the next attempt to reach the gateway: 1, 2, 4, 8, 15, 15... s, spread by a quarter so that
// many browsers do not come back in the same instant.
export function backOffMs(attempt: number, random: number): number {
  const base = Math.min(15_000, 1000 * 2 ** Math.max(0, Math.min(attempt, 10)));
  return Math.round(base * (0.875 + 0.25 * random));
}
