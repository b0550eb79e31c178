// What the mock's house is made of: devices, points, buses.
const fresh = { requests: 48213, answers: 48213, timeouts: 0, crc_errors: 0, exceptions: 0, latency_us_p50: 4100, latency_us_p99: 9800 };

export function devices(now, state) {
  const offline = state === 'fault';
  const base = { state: 'online', since: now - 5_400_000, last_data: now - 400, problem: null };
  return [
    { id: 'meter', name: 'Grid meter', maker: 'Chint', model: 'DTSU666-H', serial: '2211043377', firmware: '1.03', profile: 'huawei/dtsu666', use: 'grid_meter', bus: 'line1', unit: 11, ...base,
      ...(state === 'stale' ? { state: 'offline', last_data: now - 96_000, problem: 'No answer for 96 s. Check the plug and the address 11 on line1.' } : {}),
      capabilities: ['meters_power'], verified: 'captured', fallback: [],
      statistics: { ...fresh, latency_us_p50: 31_200, latency_us_p99: 44_900, timeouts: state === 'stale' ? 31 : 2, answers: 48211 } },
    { id: 'roof', name: 'Roof', maker: 'Example', model: 'Solar 8.0', serial: 'S8-004417', firmware: '2.14.1', profile: 'sunspec/inverter', use: 'pv', bus: 'lan', unit: 1, ...base,
      capabilities: ['produces_ac', 'produces_pv', 'limits_feed_in'], verified: 'captured',
      fallback: [{ role: 'ac.power.limit_percent.set', reverts: true, after_s: 60, to: '100 % (no limit)' }], statistics: fresh },
    { id: 'storage', name: 'Storage', maker: 'Huawei', model: 'SUN2000-5KTL-L1 + LUNA2000', serial: 'HV2150021937', firmware: 'V200R001', profile: 'huawei/sun2000', use: 'hybrid', bus: 'line1', unit: 1, ...base,
      capabilities: ['produces_ac', 'stores_energy', 'sets_battery_power'], verified: 'documented',
      fallback: [{ role: 'battery.power.set', reverts: true, after_s: 30, to: 'own self-consumption' }, { role: 'ac.power.limit.set', reverts: false, after_s: null, to: '' }],
      statistics: { ...fresh, latency_us_p50: 52_400, latency_us_p99: 88_000, answers: 48190, timeouts: 23 } },
    { id: 'heat', name: 'Heat pump', maker: 'Eastron', model: 'SDM630', serial: '18230456', firmware: '', profile: 'eastron/sdm630', use: 'sub_meter', bus: 'line2', unit: 4, ...base,
      ...(offline ? { state: 'offline', since: now - 754_000, last_data: now - 754_000, problem: 'No answer for 12 min. Check the wiring of line2 and the address 4.' } : {}),
      capabilities: ['meters_power'], verified: 'single-source', fallback: [],
      statistics: { ...fresh, latency_us_p50: 38_900, latency_us_p99: 51_300, ...(offline ? { answers: 47459, timeouts: 754, crc_errors: 6 } : {}) } },
  ];
}

const P = (device, role, unit, kind, value, text = null) => ({ id: `${device}/${role}`, device, role, unit, kind, value, quality: 'good', age_ms: 400, text });
const round = (value, digits = 0) => Math.round(value * 10 ** digits) / 10 ** digits;

export function points(flow, plant, state) {
  const { pv, battery, grid, soc, house } = flow;
  const volts = 231.4 + Math.sin(pv) * 0.4;
  const list = [
    P('meter', 'meter.power', 'W', 'state', round(grid)),
    ...[1, 2, 3].map((l) => P('meter', `meter.phase.power.l${l}`, 'W', 'state', round(grid / 3 + (l - 2) * 47))),
    ...[1, 2, 3].map((l) => P('meter', `meter.voltage.l${l}`, 'V', 'state', round(volts + l * 0.6, 1))),
    P('meter', 'meter.frequency', 'Hz', 'state', 50.01), P('meter', 'meter.power_factor', '', 'state', 0.982),
    P('meter', 'meter.energy.import', 'Wh', 'counter', 3_214_870), P('meter', 'meter.energy.export', 'Wh', 'counter', 8_771_340),
    P('roof', 'ac.power', 'W', 'state', round(pv)), P('roof', 'ac.voltage.l1', 'V', 'state', round(volts, 1)), P('roof', 'ac.current.l1', 'A', 'state', round(pv / 3 / volts, 2)),
    P('roof', 'ac.frequency', 'Hz', 'state', 50.01), P('roof', 'ac.energy.export', 'Wh', 'counter', 31_882_400), P('roof', 'ac.power.rated', 'W', 'setting', 8000),
    P('roof', 'device.temperature', '°C', 'state', 48.6), P('roof', 'device.state', '', 'state', 4, flow.limited ? 'throttled' : 'producing'),
    P('roof', 'ac.power.limit_percent.set', '%', 'setpoint', flow.limited ? round((100 * pv) / 8000, 1) : 100),
    ...[3, 4].flatMap((n) => [['voltage', 'V'], ['current', 'A']].map(([what, unit]) => ({ ...P('storage', `pv.string.${what}.${n}`, unit, 'state', null), quality: 'invalid' }))),
    P('storage', 'battery.power', 'W', 'state', round(battery)), P('storage', 'battery.soc', '%', 'state', round(soc, 1)), P('storage', 'battery.soh', '%', 'state', 97.4),
    P('storage', 'battery.voltage', 'V', 'state', 398.7), P('storage', 'battery.current', 'A', 'state', round(battery / 398.7, 1)), P('storage', 'battery.temperature', '°C', 'state', 27.3),
    P('storage', 'battery.capacity', 'Wh', 'setting', 15_000), P('storage', 'battery.charge_power.max', 'W', 'state', 2500), P('storage', 'battery.discharge_power.max', 'W', 'state', 2500),
    P('storage', 'device.state', '', 'state', 512, 'on-grid'), P('storage', 'battery.power.set', 'W', 'setpoint', round(battery)),
    P('heat', 'meter.power', 'W', 'state', round(house * 0.31)), P('heat', 'meter.energy.import', 'Wh', 'counter', 1_022_400),
    ...[1, 2, 3].map((l) => P('heat', `meter.current.l${l}`, 'A', 'state', round((house * 0.1) / 231 + l * 0.02, 2))),
  ];
  for (const point of list) {
    if (state === 'stale' && point.device === 'meter') Object.assign(point, { quality: 'stale', age_ms: 96_000 });
    if (state === 'fault' && point.device === 'heat') Object.assign(point, { quality: 'stale', age_ms: 754_000 });
    if (state === 'fault' && point.id === 'storage/battery.temperature') Object.assign(point, { value: null, quality: 'invalid', age_ms: null });
  }
  return list;
}

export const SERIES = {
  'meter/meter.power': ['grid', 'W', 1], 'roof/ac.power': ['pv', 'W', 1], 'storage/battery.power': ['battery', 'W', 1], 'storage/battery.soc': ['soc', '%', 0.1],
  'heat/meter.power': ['house', 'W', 1], 'meter/meter.voltage.l1': ['volts', 'V', 0.1], 'meter/meter.voltage.l2': ['volts', 'V', 0.1], 'roof/device.temperature': ['heat', '°C', 0.1],
  'meter/meter.frequency': ['hertz', 'Hz', 0.01], 'meter/meter.energy.import': ['counter', 'Wh', 10], 'storage/battery.temperature': ['heat', '°C', 0.1],
  ...Object.fromEntries([3, 4].flatMap((n) => [[`storage/pv.string.voltage.${n}`, ['never', 'V', 0.1]], [`storage/pv.string.current.${n}`, ['never', 'A', 0.01]]])),
};

export function buses(state) {
  const unit = (number, extra) => ({ unit: number, silent: false, ...fresh, ...extra });
  return [
    { id: 'lan', link: 'tcp 192.168.8.20:502', connected: true, problem: null, utilisation: 0.021, bytes_in: 18_402_113, bytes_out: 2_892_780, reconnects: 1, units: [unit(1, {})] },
    { id: 'line1', link: '/dev/ttyUSB0 9600 8N1', connected: true, problem: null, utilisation: 0.63, bytes_in: 31_220_481, bytes_out: 6_771_002, reconnects: 0,
      units: [unit(1, { latency_us_p50: 52_400, answers: 48190, timeouts: 23 }), unit(11, { latency_us_p50: 31_200, answers: 48211, timeouts: 2, silent: state === 'stale' })] },
    { id: 'line2', link: '/dev/ttyUSB1 9600 8N1', connected: state !== 'fault', utilisation: 0.14, bytes_in: 6_113_290, bytes_out: 1_240_055, reconnects: state === 'fault' ? 4 : 0,
      problem: state === 'fault' ? '/dev/ttyUSB1 is gone. Plug the adapter in again; the gateway finds it by itself.' : null,
      units: [unit(4, { latency_us_p50: 38_900, ...(state === 'fault' ? { answers: 47459, timeouts: 754, crc_errors: 6, silent: true } : {}) })] },
  ];
}
