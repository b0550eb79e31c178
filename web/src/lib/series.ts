// Names of recorded series ("roof/ac.power") and searching among them. Pure.
import type { Device, SeriesInfo } from '../api/types';

export function splitSeries(id: string): { device: string; role: string } {
  const slash = id.indexOf('/');
  return slash < 0 ? { device: '', role: id } : { device: id.slice(0, slash), role: id.slice(slash + 1) };
}

// Every word somewhere, in any order; accents and case do not matter.
export function matches(search: string, text: string): boolean {
  const plain = (s: string) => s.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase();
  const where = plain(text);
  return plain(search).split(/\s+/).every((word) => where.includes(word));
}

// What to show before anyone chose: power at the grid, of the sun, of the battery.
export function firstChoice(series: readonly SeriesInfo[]): string[] {
  const wanted = ['pv.power', 'ac.power', 'battery.power', 'meter.power'];
  const chosen: string[] = [];
  for (const role of wanted) {
    const found = series.find((one) => splitSeries(one.id).role === role);
    if (found) chosen.push(found.id);
  }
  return chosen.slice(0, 3);
}

export function seriesName(id: string, devices: readonly Device[], role: (key: string) => string): string {
  const parts = splitSeries(id);
  return `${devices.find((one) => one.id === parts.device)?.name ?? parts.device} ${role(parts.role)}`;
}
