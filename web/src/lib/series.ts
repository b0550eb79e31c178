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

// What to show before anyone chose: the sun of every inverter, the battery, the grid.
export function firstChoice(series: readonly SeriesInfo[], devices: readonly Device[]): string[] {
  const known = new Set(series.map((one) => one.id));
  const first = (device: string, ...roles: string[]) => roles.map((role) => `${device}/${role}`).find((id) => known.has(id));
  const of = (...uses: Array<Device['use']>) => devices.filter((one) => uses.includes(one.use)).map((one) => one.id);
  const chosen = [
    ...of('pv', 'hybrid').map((id) => first(id, 'pv.power', 'ac.power')).slice(0, 2),
    ...of('hybrid', 'battery').map((id) => first(id, 'battery.power')).slice(0, 1),
    ...of('grid_meter').map((id) => first(id, 'meter.power')).slice(0, 1),
  ];
  const found = chosen.filter((id) => id !== undefined);
  return found.length ? found : series.slice(0, 1).map((one) => one.id);
}

export function seriesName(id: string, devices: readonly Device[], role: (key: string) => string): string {
  const parts = splitSeries(id);
  return `${devices.find((one) => one.id === parts.device)?.name ?? parts.device} ${role(parts.role)}`;
}
