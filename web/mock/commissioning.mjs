// The mock's side of commissioning: a search that finds three devices, lines and devices that can be added and changed,
// settings that are read back, frames of a line. Kept in `world.site`, which a reset makes anew.
import { START } from './plant.mjs';

export function freshSite() {
  return { devices: [], removed: new Set(), changes: new Map(), buses: [], busChanges: new Map(), removedBuses: new Set(), scan: null, settings: new Map(), upgrade: null, image: null, frame: 0, packs: [] };
}

const FOUND = [
  { place: 'line1', bus: 'line1', host: null, port: null, unit: 1, baud: null, maker: 'Huawei', model: 'SUN2000-5KTL-L1', serial: 'HV2150021937', firmware: 'V200R001', profile: 'huawei/sun2000', candidates: [], use: 'hybrid', device: 'storage', notes: [], is_double: false, note: null, reason: null, reason_said: null },
  { place: 'line1', bus: 'line1', host: null, port: null, unit: 11, baud: null, maker: 'Chint', model: 'DTSU666-H', serial: '2211043377', firmware: '1.03', profile: 'huawei/dtsu666', candidates: [], use: 'grid_meter', device: 'meter', notes: [], is_double: false, note: null, reason: null, reason_said: null },
  { place: 'line2', bus: 'line2', host: null, port: null, unit: 7, baud: null, maker: 'Eastron', model: 'SDM630', serial: '20441902', firmware: '1.04', profile: 'eastron/sdm630', candidates: [], use: 'sub_meter', device: null, note: null, notes: [], is_double: false, reason: "model reads 'SDM630'; 12 of 12 points answer, 12 believable",
    reason_said: { code: 'found_points', values: { why: { text: "model reads 'SDM630'", code: 'found_text', values: { what: 'model', value: 'SDM630' } }, answered: '12', points: '12', believable: '12' } } },
  { place: '192.168.8.33:502', bus: null, host: '192.168.8.33', port: 502, unit: 126, baud: null, maker: 'Fronius', model: 'Symo 8.2-3-M', serial: '32440017', firmware: '3.26.1-1', profile: 'sunspec/inverter', candidates: [], use: 'pv', device: null, notes: [], is_double: false, note: null, reason: null, reason_said: null },
  { place: 'line2', bus: 'line2', host: null, port: null, unit: 12, baud: null, maker: '', model: '', serial: '', firmware: '', profile: null, candidates: ['gavazzi/em24', 'abb/b23-b24'], use: 'sub_meter', device: null, note: 'It answers as two families do. Look at the device and choose.', notes: [{ text: 'It answers as two families do. Look at the device and choose.' }], is_double: false, reason: null, reason_said: null },
];
const TOTAL = 96;
const MS_PER_ADDRESS = 25;

const PROFILES = [
  { name: 'huawei/sun2000', products: ['Huawei SUN2000-(2-6)KTL-L1', 'Huawei SUN2000-(3-10)KTL-M1', 'Huawei LUNA2000'], use: 'hybrid', unit: 1, baud: 9600, identifies: true },
  { name: 'eastron/sdm630', products: ['Eastron SDM630-Modbus'], use: 'sub_meter', unit: 1, baud: 9600, identifies: true },
  { name: 'eastron/sdm120', products: ['Eastron SDM120-Modbus'], use: 'sub_meter', unit: 1, baud: 2400, identifies: true },
  { name: 'gavazzi/em24', products: ['Carlo Gavazzi EM24-DIN'], use: 'sub_meter', unit: 1, baud: 9600, identifies: false },
  { name: 'abb/b23-b24', products: ['ABB B23', 'ABB B24'], use: 'sub_meter', unit: 1, baud: 9600, identifies: false },
  { name: 'sunspec/inverter', products: ['Fronius Symo', 'SMA Sunny Tripower', 'SolarEdge SE', 'Kaco blueplanet'], use: 'pv', unit: 1, baud: 9600, identifies: true },
].map((one) => ({ verified: 'documented', uses: [...new Set([one.use, 'sub_meter'])], pack: false, over_shipped: false, problem: null, ...one }));

const SETTINGS = [
  { key: 'export_limit_w', text: 'Highest feed-in power', unit: 'W', min: 0, max: 6000, step: 1, choices: [], owners: false, warning: null, start: 6000 },
  { key: 'soc_min', text: 'Discharge down to', unit: '%', min: 0, max: 20, step: 0.1, choices: [], owners: true, warning: null, start: 5 },
  { key: 'grid_code', text: 'Grid code', unit: '', min: 0, max: 2, step: 1, choices: [{ value: 0, text: 'VDE-AR-N-4105' }, { value: 1, text: 'G98' }, { value: 2, text: 'CEI 0-21' }], owners: false, warning: 'The inverter stops for some minutes. Only the grid operator says which one is right.', start: 0 },
];

// The last of them is only shown.
SETTINGS.push({ key: 'device_address', text: 'Address on the line', unit: '', min: 1, max: 247, step: 1, choices: [], owners: false, writable: false, warning: null, start: 1 });

const problem = (status, kind, text, extra = {}) => ({ status, body: { error: { kind, text, ...extra } } });
const ok = (body, status = 200) => ({ status, body });
const done = { status: 204 };

export const withSite = (devices, site) => [...devices, ...site.devices].filter((one) => !site.removed.has(one.id)).map((one) => ({
  rated_power_w: null, serial_expected: null, via: null, firmware_support: support(one), takes_firmware: one.id === 'heat', ...one, ...site.changes.get(one.id),
}));

function support({ id }) {
  return id === 'heat' ? { verdict: 'unsupported', text: 'Firmware 0.9 loses its counters at midnight. Update it to 1.03 or later.' } : { verdict: 'unknown', text: '' };
}

const SERIAL = { kind: 'serial', baud: 9600, parity: 'none', stop_bits: 1 };
const OWN = {
  lan: { settings: { kind: 'tcp', host: '192.168.8.20', port: 502, framing: 'tcp' }, budget: null },
  line1: { settings: { ...SERIAL, port: '/dev/ttyUSB0' }, budget: { utilisation: 0.63, verdict: 'fits', text: '', refresh: [{ device: 'meter', guaranteed_ms: 640, measured_ms: 412 }, { device: 'storage', guaranteed_ms: 1180, measured_ms: 890 }], estimated: false, spread: [] } },
  line2: { settings: { ...SERIAL, port: '/dev/ttyUSB1' }, budget: { utilisation: 0.97, verdict: 'replanned', text: 'The line is full: everything asked as often as wanted would take 164 % of it. Telemetry comes 2 times as rarely, what control needs as planned.', code: 'line_stretched', values: { percent: '164', times: '2' }, refresh: [{ device: 'heat', guaranteed_ms: 900, measured_ms: null }], estimated: true, spread: [{ device: 'heat', every_s: 20, wanted_s: 10 }] } },
};
const linkOf = (s) => (s.kind === 'serial' ? `${s.port} ${s.baud} 8${s.parity[0].toUpperCase()}${s.stop_bits}` : `tcp ${s.host}:${s.port}`);

export const busesOf = (buses, site) => [...buses, ...site.buses].filter((one) => !site.removedBuses.has(one.id)).map((one) => {
  const bus = { settings: OWN[one.id]?.settings, budget: OWN[one.id]?.budget ?? null, ...one, units: one.units.map((unit) => ({ latency_us_p90: unit.latency_us_p50 * 1.4, ...unit })) };
  const settings = site.busChanges.get(one.id) ?? bus.settings;
  return { ...bus, settings, link: linkOf(settings) };
});

function scanOf(site) {
  if (!site.scan) return { state: 'idle', asked: 0, total: 0, now: null, remaining_s: null, messages: [], messages_said: [], found: [] };
  const { began, cancelled, messages } = site.scan;
  const asked = Math.min(TOTAL, Math.floor(((cancelled ?? Date.now()) - began) / MS_PER_ADDRESS));
  const state = asked >= TOTAL ? 'done' : cancelled ? 'cancelled' : 'running';
  const found = FOUND.slice(0, Math.ceil((FOUND.length * asked) / TOTAL)).map((one) => ({ ...one, device: one.device ?? site.devices.find((d) => !site.removed.has(d.id) && d.unit === one.unit && (d.bus === one.bus || one.bus === null))?.id ?? null }));
  return { state, asked, total: TOTAL, now: state === 'running' ? `line2: unit ${asked + 1} of ${TOTAL}` : null, remaining_s: state === 'running' ? Math.ceil(((TOTAL - asked) * MS_PER_ADDRESS) / 1000) : null, messages, messages_said: messages.map(() => null), found };
}

const NO_ROOM = {
  text: '118 % of the line would be used; the largest part is heat. What helps: the line at 19200 baud.',
  code: 'line_too_much', values: { percent: '118', largest: 'heat', help: { text: 'the line at 19200 baud', code: 'help_baud', values: { baud: '19200' } } },
};

function addDevice(body, site, all) {
  const holder = all.find((one) => one.bus === body.bus && one.unit === body.unit);
  if (holder) return problem(409, 'denied', `unit ${body.unit} on bus '${body.bus}' is held by device '${holder.id}'`, { remedy: 'delete that one first or give another unit', field: 'unit', code: 'address_taken', values: { unit: String(body.unit), bus: body.bus, device: holder.id, line: '' } });
  // The second line is as busy as it may be; the slow meter asks for more than is left.
  if (body.bus === 'line2' && body.profile === 'abb/b23-b24') return problem(409, 'denied', `bus 'line2' has no room for device '${body.name.toLowerCase()}': ${NO_ROOM.text}`, { field: 'bus', code: 'no_room', values: { bus: 'line2', device: body.name.toLowerCase(), why: NO_ROOM } });
  if (body.use === 'grid_meter') return problem(409, 'denied', "device 'meter' is the grid meter already", { remedy: 'a site has one', field: 'use', code: 'grid_meter_there', values: { device: 'meter', line: '' } });
  const id = body.name.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 32);
  site.devices.push({
    id, name: body.name, maker: body.name.split(' ')[0], model: '', serial: body.serial ?? '', firmware: '', profile: body.profile, use: body.use, bus: body.bus, unit: body.unit, serial_expected: body.serial ?? null,
    state: 'starting', since: START, last_data: null, problem: null, capabilities: [], verified: 'documented', fallback: [], statistics: { requests: 0, answers: 0, timeouts: 0, crc_errors: 0, exceptions: 0, latency_us_p50: 0, latency_us_p90: 0, latency_us_p99: 0 },
  });
  return ok({ id }, 201);
}

function settingsOf(id, site) {
  if (id !== 'storage') return [];
  return SETTINGS.map(({ start, ...one }) => ({ writable: true, ...one, value: site.settings.get(one.key) ?? start, problem: null }));
}

// 2 s of transfer, then the checks and a restart. One image meets a cut link at half of it, and crawls afterwards.
function upgradeOf(site) {
  const { upgrade } = site;
  const nothing = { state: 'idle', percent: 0, text: '', from: null, to: null, image: null, bytes_per_s: null, remaining_s: null };
  if (!upgrade) return nothing;
  const known = { ...nothing, from: '0.9', to: '1.03', image: upgrade.image };
  const passed = Math.floor((Date.now() - upgrade.began) / 20);
  const step = upgrade.crawls ? Math.min(90, 50 + Math.floor(passed / 50)) : passed;
  if (upgrade.ended) return upgrade.ended;
  if (upgrade.breaks && step >= 50) return { ...known, state: 'interrupted', percent: 50, text: 'stopped at 50 %: the device does not answer; start it again and it goes on there', code: 'firmware_stopped', values: { percent: '50', why: 'the device does not answer' } };
  if (upgrade.fails && step >= 200) return { ...known, state: 'failed', percent: 100, text: 'no answer for 2 min after it installed; look after the device', code: 'firmware_silent', values: { time: '2' } };
  if (step < 100) return { ...known, state: 'transferring', percent: step, text: `${3 * step} of 300 records`, bytes_per_s: 812, remaining_s: 74 - Math.floor(step / 2) };
  if (step < 140) return { ...known, state: 'verifying', percent: 100, text: 'the device checks what it received' };
  if (step < 200) return { ...known, state: 'installing', percent: 100, text: 'the device installs 1.03 and restarts' };
  return { ...known, state: 'done', percent: 100, text: 'runs 1.03, before 0.9' };
}

// Stopped while it runs it tells so; given up afterwards it keeps the reason why it ended.
const endedUpgrade = (now) => ({
  ...now, state: 'cancelled', bytes_per_s: null, remaining_s: null,
  ...(['interrupted', 'failed'].includes(now.state) ? {} : { text: 'cancelled; the device keeps the firmware it has', code: 'firmware_cancelled', values: {} }),
});

function startUpgrade(body, site) {
  const size = site.image?.received;
  if (size === 666) return problem(400, 'malformed', "image: the file is for 'SDM120', the device is 'SDM630'", { remedy: 'choose the file for this model', field: 'image', code: 'image_other_model', values: { model: 'SDM120', device: 'SDM630' } });
  if (size === 1000 && !body.take_unsupported) return problem(409, 'denied', 'Firmware 0.8 loses its counters at midnight.', { remedy: 'send it all the same only if you know better', field: 'take_unsupported' });
  const goesOn = site.upgrade?.image === body.image && upgradeOf(site).state === 'interrupted';
  site.upgrade = { began: Date.now(), image: body.image, crawls: goesOn, breaks: size === 61_000 && !goesOn, fails: size === 62_000 };
  return ok(upgradeOf(site), 202);
}

function framesOf(site, from, clock) {
  const frames = [];
  for (let i = 0; i < 3; i += 1) {
    const n = site.frame;
    site.frame += 2;
    frames.push({ number: n, at: clock() - 60, direction: 'sent', hex: '010300' + '1e000ac40b', note: 'ok' }, { number: n + 1, at: clock() - 20, direction: 'heard', hex: n % 12 === 4 ? '018302c0f1' : `010314${'0123'.repeat(10)}beef`, note: n % 20 === 6 ? 'bad checksum' : 'ok' });
  }
  return { frames: frames.filter((one) => one.number >= from), next: site.frame, dropped: 0 };
}

function sharingOf(site, clock) {
  const settings = site.sharing ?? { enabled: false, address: '127.0.0.1', port: 1502, max_clients: 16, cache_ms: 1000, devices: [], clients: [] };
  const ids = settings.devices.map((one) => one.id);
  const clients = settings.clients.map((one) => ({ writable: [], ...one, devices: one.devices?.length ? one.devices : ids }));
  const seen = settings.enabled ? clients.map((one, i) => ({ address: one.address, requests: 4210 + i, from_cache: 3980, refused: i, writes: one.writable.length, last_seen: clock() - 1200, age_ms: 420, age_max_ms: 990 })) : [];
  return { ...settings, clients, listening: settings.enabled, problem: null, connections: seen.length, turned_away: 0, requests: 4210 * seen.length, from_cache: 3980 * seen.length, refused: 0, writes: 0, seen };
}

// The answer, or undefined when the path is none of these.
export function commissioningAnswer(method, path, query, body, site, { devices, buses, clock }) {
  const match = /^\/(devices|buses)\/([^/]+)(?:\/(\w+))?$/.exec(path);
  const key = match ? `${method} /${match[1]}/{id}${match[3] ? `/${match[3]}` : ''}` : `${method} ${path}`;
  const id = match ? decodeURIComponent(match[2]) : '';
  switch (key) {
    case 'POST /devices': return addDevice(body, site, devices);
    case 'PUT /devices/{id}': site.changes.set(id, { ...site.changes.get(id), name: body.name, use: body.use, rated_power_w: body.rated_power_w, serial_expected: body.serial || null, via: body.via }); return done;
    case 'DELETE /devices/{id}': site.removed.add(id); return done;
    case 'POST /devices/{id}/replacement': site.changes.set(id, { ...site.changes.get(id), serial_expected: body.serial || null, serial: body.serial, state: 'starting' }); return done;
    case 'GET /devices/{id}/settings': return ok({ settings: settingsOf(id, site) });
    case 'PUT /devices/{id}/settings': {
      const before = settingsOf(id, site).find((one) => one.key === body.key)?.value ?? null;
      if (body.key === 'export_limit_w' && body.value > 5500) return problem(502, 'refused', `wrote ${body.value}, the device holds 5500`, { remedy: 'its own limit is lower', code: 'setting_held', values: { wanted: String(body.value), holds: '5500', where: body.key } });
      site.settings.set(body.key, body.value);
      return ok({ key: body.key, before, value: body.value });
    }
    case 'POST /devices/{id}/firmware': {
      site.image = site.image?.image === body.image ? site.image : { image: body.image, received: 0 };
      if (body.data && body.offset === site.image.received) site.image.received += Math.floor((body.data.replace(/=+$/, '').length * 3) / 4);
      return ok({ image: body.image, size: body.size, received: site.image.received, complete: site.image.received >= body.size });
    }
    case 'POST /devices/{id}/upgrade': return startUpgrade(body, site);
    case 'GET /devices/{id}/upgrade': return ok(upgradeOf(site));
    case 'DELETE /devices/{id}/upgrade': site.upgrade.ended = endedUpgrade(upgradeOf(site)); return done;
    case 'POST /buses':
      if (buses.some((one) => one.id === body.id)) return problem(409, 'denied', `bus '${body.id}' is already defined`, { remedy: 'choose another id', field: 'id', code: 'bus_defined', values: { bus: body.id, line: '' } });
      site.buses.push({ id: body.id, settings: body.settings, link: linkOf(body.settings), connected: false, problem: null, utilisation: 0, bytes_in: 0, bytes_out: 0, reconnects: 0, units: [] });
      return ok({ id: body.id }, 201);
    case 'PUT /buses/{id}':
      if (body.settings.baud === 1200 && !body.set_anyway) return problem(409, 'denied', `tried with these settings, bus '${id}' is silent, and 'grid' answered before: it keeps the old ones`, { remedy: "compare with the devices, or say 'set_anyway' (busbarctl: --anyway) when they are changed next", code: 'bus_unanswered', values: { bus: id, device: 'grid' } });
      site.busChanges.set(id, body.settings); return done;
    case 'DELETE /buses/{id}': site.removedBuses.add(id); return done;
    case 'POST /buses/{id}/request': {
      if (body.unit === 99) return problem(504, 'timeout', 'unit 99 does not answer', { remedy: 'check its power and address' });
      const values = Array.from({ length: body.count ?? 0 }, (_, i) => (i === 1 ? 65_500 : 2300 + i));
      return ok({ pdu: `03${(2 * values.length).toString(16).padStart(2, '0')}${values.map((v) => v.toString(16).padStart(4, '0')).join('')}`, exception: body.address === 9999 ? { code: 2, text: 'illegal data address: the device has no such register' } : null, values: body.address === 9999 ? null : values, took_ms: 31.4 });
    }
    case 'GET /buses/{id}/frames': return ok(framesOf(site, Number(query.get('from') ?? 0), clock));
    case 'GET /buses/{id}/capture': return { status: 200, type: 'text/plain', text: '# capture\n' };
    case 'GET /sharing': return ok(sharingOf(site, clock));
    case 'PUT /sharing':
      for (const client of body.clients ?? []) if (/^8\./.test(client.address)) return problem(400, 'out_of_range', `clients.0.address: no network at home or at work, and Modbus knows no password`, { remedy: 'name addresses of your own network, as in 192.168.1.20', field: 'clients.0.address' });
      site.sharing = body;
      return ok(sharingOf(site, clock));
    case 'GET /ports': return ok({ ports: [{ path: '/dev/serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0', text: 'FTDI FT232R USB UART', bus: null }, { path: '/dev/ttyUSB0', text: 'CH340', bus: 'line1' }] });
    case 'GET /profiles': return ok({ profiles: [...PROFILES, ...site.packs] });
    case 'POST /profiles':
      if (!body.text.includes('points:')) return problem(400, 'malformed', `${body.name}.yaml:9: unknown key 'pionts'; did you mean 'points'?`, { remedy: 'correct the file, then add it again', field: 'text' });
      site.packs = [...site.packs.filter((one) => one.name !== body.name), { ...PROFILES[0], name: body.name, products: ['Acme EM1'], use: 'sub_meter', uses: ['grid_meter', 'sub_meter'], identifies: true, pack: true, over_shipped: PROFILES.some((one) => one.name === body.name), problem: null }];
      return ok({ name: body.name }, 201);
    case 'DELETE /profiles': site.packs = site.packs.filter((one) => one.name !== query.get('name')); return done;
    case 'POST /scan': site.scan = { began: Date.now(), messages: body.bauds?.length ? ['line1: devices answer at 9600 Bd; other rates would disturb them'] : [] }; return ok(scanOf(site), 202);
    case 'GET /scan': return ok(scanOf(site));
    case 'DELETE /scan': if (site.scan && scanOf(site).state === 'running') site.scan.cancelled = Date.now(); return done;
    default: return undefined;
  }
}
