// The mock gateway's answers, made from the plant. Shapes follow src/api/openapi.yaml.
import { devices, points, SERIES } from './devices.mjs';
import { RATED_PV, START } from './plant.mjs';

const round = (value, digits = 0) => Math.round(value * 10 ** digits) / 10 ** digits;

export function overview(at, plant, control, state) {
  if (state === 'empty') return emptyOverview(at, control);
  const flow = plant.now(at);
  const meterLost = state === 'stale';
  const known = (value, age_ms = 400) => ({ value, age_ms });
  const today = plant.today(at);
  const used = today.pv_wh ? round((100 * (today.pv_wh - today.export_wh)) / today.pv_wh, 1) : null;
  const own = today.house_wh ? round(Math.max(0, 100 * (1 - today.import_wh / today.house_wh)), 1) : null;
  return {
    at,
    sentence: meterLost ? { key: 'meter_unknown', values: {} } : sentence(flow),
    flow: {
      pv_w: known(round(flow.pv)), battery_w: known(round(flow.battery)), battery_soc: known(round(flow.soc, 1)),
      grid_w: meterLost ? known(null, 96_000) : known(round(flow.grid)), house_w: meterLost ? known(null, 96_000) : known(round(flow.house)),
    },
    today: { ...today, self_consumption_percent: used, autarky_percent: own },
    feed_in_limit: { ...control.feed_in_limit, limit_w: limitWatts(control.feed_in_limit), active: !meterLost && flow.limited, exceeded: false },
    alarms: { critical: meterLost ? 1 : 0, major: state === 'fault' ? 1 : 0, minor: 0, warning: state === 'fault' ? 1 : 0 },
  };
}

export function limitWatts({ mode, value }) {
  return mode === 'none' ? null : mode === 'zero' ? 0 : mode === 'watts' ? value : (RATED_PV * value) / 100;
}

function emptyOverview(at, control) {
  const unknown = { value: null, age_ms: null };
  return {
    at, sentence: { key: 'no_devices', values: {} },
    flow: { pv_w: unknown, battery_w: unknown, grid_w: unknown, house_w: unknown, battery_soc: unknown },
    today: { pv_wh: null, house_wh: null, import_wh: null, export_wh: null, charged_wh: null, discharged_wh: null, self_consumption_percent: null, autarky_percent: null },
    feed_in_limit: { ...control.feed_in_limit, limit_w: null, active: false, exceeded: false }, alarms: { critical: 0, major: 0, minor: 0, warning: 0 },
  };
}

function sentence({ pv, battery, grid, limited }) {
  if (limited) return { key: 'feed_in_limited', values: { limit_w: 4800 } };
  if (battery < -100 && pv > 0) return { key: 'charging_from_sun', values: { power_w: round(-battery) } };
  if (grid < -50) return { key: 'feeding_in', values: { power_w: round(-grid) } };
  if (battery > 50) return { key: 'discharging_to_house', values: { power_w: round(battery) } };
  if (grid > 50) return { key: 'importing', values: { power_w: round(grid) } };
  return { key: 'balanced', values: {} };
}

export function history(ids, from, to, buckets, plant, now) {
  const step = Math.max(60_000, Math.ceil((to - from) / buckets / 60_000) * 60_000);
  return ids.map((series) => {
    const [name, unit] = SERIES[series];
    const columns = { t: [], min: [], mean: [], max: [], count: [] };
    for (let start = Math.floor(from / step) * step; start < Math.min(to, now); start += step) {
      const values = [];
      for (let at = Math.max(start, plant.first); at < start + step && at < now; at += 60_000) {
        const value = sample(name, at, plant);
        if (value !== null) values.push(value);
      }
      if (!values.length) continue;
      columns.t.push(start);
      columns.min.push(round(Math.min(...values) * (values.length > 1 ? 1 : 0.985), 2));
      columns.max.push(round(Math.max(...values) * (values.length > 1 ? 1 : 1.012), 2));
      columns.mean.push(round(values.reduce((a, b) => a + b, 0) / values.length, 2));
      columns.count.push(values.length * 60);
    }
    return { series, unit, from, to, step_ms: step, ...columns };
  });
}

function sample(name, at, plant) {
  const grid = plant.at('grid', at);
  if (grid === null || name === 'never') return null;
  if (name === 'volts') return 232 - grid / 2600 + Math.sin(at / 900_000);
  if (name === 'hertz') return 50 + 0.02 * Math.sin(at / 210_000) + 0.01 * Math.sin(at / 47_000);
  if (name === 'heat') return 21 + plant.at('pv', at) / 210;
  if (name === 'counter') return 3_214_870 - (START - at) / 9_000;
  return plant.at(name, at);
}

export function energy(from, to, step, plant, now) {
  const columns = { step, t: [], pv_wh: [], house_wh: [], import_wh: [], export_wh: [], charged_wh: [], discharged_wh: [] };
  const width = step === 'hour' ? 3_600_000 : 86_400_000;
  for (let at = from; at < to; at += width) {
    columns.t.push(at);
    const sums = at < now ? plant.sums(at, Math.min(at + width, now)) : {};
    for (const key of Object.keys(columns)) if (key.endsWith('_wh')) columns[key].push(sums[key] ?? null);
  }
  return columns;
}

export function decisions(now, plant, control) {
  const list = [];
  for (let i = 0; i < 400; i += 1) {
    const at = now - i * 7000 - (i > 160 ? 5_400_000 : 0);
    const flow = plantAt(plant, at);
    const grid = round(flow.grid + 12 * Math.sin(i));
    const wanted = round(flow.battery);
    const way = `wish_${grid < 0 ? 'feed_in' : 'import'}`;
    const full = wanted <= -2400;
    const wish = full ? -3120 : wanted;
    if (i % 3 !== 2) list.push({
      at, device: 'storage', role: 'battery.power.set', unit: 'W', value: wanted, expires: at + 30_000, state: 'in_force', read_back: wanted,
      chain: [
        { kind: 'request', rank: 'strategy', source: 'self_consumption', text: `grid ${Math.abs(grid)} W ${grid < 0 ? 'feed-in' : 'import'}, aim ${control.self_consumption.import_target_w} W: battery ${wish < 0 ? 'charges' : 'discharges'} ${Math.abs(wish)} W`, code: `${way}_${wish < 0 ? 'charges' : 'discharges'}`, values: { grid: String(Math.abs(grid)), aim: String(control.self_consumption.import_target_w), power: String(Math.abs(wish)) }, low: null, high: null, value: wish },
        { kind: 'limit', rank: 'nameplate', source: 'device', text: 'what the device accepts', code: 'device_accepts', values: {}, low: -5000, high: 5000, value: null },
        { kind: 'limit', rank: 'bms', source: 'battery', text: 'charges at most 2400 W, discharges at most 2500 W now', code: 'battery_range', values: { charge: '2400', discharge: '2500' }, low: -2400, high: 2500, value: null },
        { kind: 'result', rank: full ? 'bms' : 'strategy', source: full ? 'battery' : 'self_consumption', text: '', low: -2400, high: 2500, value: wanted },
      ],
    });
    if (i % 40 === 5) list.push({
      at, device: 'roof', role: 'ac.power.limit_percent.set', unit: '%', value: i > 100 ? null : 71.5, expires: at + 60_000, state: i > 200 ? 'unreachable' : i > 100 ? 'released' : 'in_force', read_back: i > 100 ? null : 71.5,
      chain: [
        { kind: 'request', rank: 'strategy', source: 'inverter', text: 'all the sun gives', code: 'all_the_sun', values: {}, low: null, high: null, value: 100 },
        { kind: 'limit', rank: 'grid_operator', source: 'feed_in_limit', text: 'feed-in 4912 W, allowed 4800 W: inverters together 5720 W', code: 'cap_together', values: { feed_in: '4912', allowed: '4800', total: '5720' }, low: null, high: 71.5, value: null },
        { kind: 'result', rank: 'grid_operator', source: 'feed_in_limit', text: '', low: null, high: 71.5, value: i > 100 ? null : 71.5 },
      ],
    });
  }
  return list;
}

function plantAt(plant, at) {
  const known = Math.min(at, plant.last - 60_000);
  return { grid: plant.at('grid', known) ?? 0, battery: plant.at('battery', known) ?? 0 };
}

export function alarms(now, state) {
  const past = [{ id: 2001, cause: 1, name: 'device_offline', severity: 'major', source: 'storage', raised: now - 88_000_000, cleared: now - 87_650_000, text: 'line1: unit 1: no answer within 1000 ms', code: 'no_answer', values: { time: '1000', where: 'line1: unit 1' }, suggestion: 'Check the cable and the address on line1.' }];
  if (state === 'stale') past.unshift({ id: 2001, cause: 1, name: 'meter_silent', severity: 'critical', source: 'site', raised: now - 90_000, cleared: null, text: 'The grid meter does not answer.', suggestion: 'Check its supply and the plug of line1. Until then the feed-in limit is kept without it.' });
  if (state === 'fault') past.unshift(
    { id: 2001, cause: 1, name: 'device_offline', severity: 'major', source: 'heat', raised: now - 750_000, cleared: null, text: 'Heat pump meter does not answer.', suggestion: 'Check the wiring of line2 and the address 4.' },
    { id: 2007, cause: 8, name: 'no_fallback', severity: 'warning', source: 'storage', raised: now - 340_000, cleared: null, text: 'ac.power.limit_percent.set stays at its last value when the gateway falls silent', suggestion: 'Set the device\'s own communication-loss limit, if it has one.' });
  return past;
}

export { devices, points };
