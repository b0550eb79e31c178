// A gateway that is not there: serves the API of src/api/openapi.yaml with moving values, for `vite dev` and for tests.
//   node mock/server.mjs [--port 4180] [--dist dist]
// Tests switch it with POST /mock/state {"state": "normal|stale|fault|empty|setup|offline"}.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';
import * as answers from './answers.mjs';
import { busesOf, commissioningAnswer, freshSite, withSite } from './commissioning.mjs';
import { buses, SERIES } from './devices.mjs';
import { Plant, START } from './plant.mjs';

const { values: args } = parseArgs({ options: { port: { type: 'string', default: '4180' }, dist: { type: 'string' } } });
const HEADERS = {
  'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer',
};
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png', '.webmanifest': 'application/manifest+json' };
const CODE = 'ABCDEFGHJKMNPQRS';

const plant = new Plant();
const began = Date.now();
const clock = () => START + (Date.now() - began);
const sessions = new Set();
const world = freshWorld();
let stateName = 'normal';

function freshWorld() {
  return {
    accounts: new Map([['anna', 'correct horse battery']]), failures: 0, lockedUntil: 0, site: freshSite(),
    control: { self_consumption: { enabled: true, import_target_w: 20 }, feed_in_limit: { mode: 'percent', value: 60 }, changed_by: 'anna', changed_at: START - 2 * 86_400_000 },
  };
}

const problem = (status, kind, text, extra = {}) => ({ status, body: { error: { kind, text, ...extra } } });
const session = (username) => ({
  username, role: username === 'guest' ? 'viewer' : 'installer', language: 'en', expires: clock() + 1_800_000,
  last_logins: [{ at: clock(), address: '192.168.8.31', ok: true }, { at: clock() - 41_000_000, address: '192.168.8.31', ok: true }, { at: clock() - 41_100_000, address: '192.168.8.77', ok: false }, { at: clock() - 260_000_000, address: 'fe80::a11:96ff:fe07:8', ok: true }],
});

function opened(status, username) {
  const token = crypto.randomUUID();
  sessions.add(token);
  return { status, body: session(username), cookie: `busbar-mock=${token}.${username}; HttpOnly; SameSite=Strict; Path=/` };
}
const userOf = (request) => {
  const match = /busbar-mock=([\w-]+)\.([^;]+)/.exec(request.headers.cookie ?? '');
  return match && sessions.has(match[1]) ? match[2] : null;
};

function logIn({ username, password }) {
  if (Date.now() < world.lockedUntil) return problem(429, 'denied', 'locked', { retry_after_s: Math.ceil((world.lockedUntil - Date.now()) / 1000) });
  if (world.accounts.get(username) === password) {
    world.failures = 0;
    return opened(200, username);
  }
  world.failures += 1;
  if (world.failures < 5) return problem(401, 'denied', 'user name or password is wrong');
  world.lockedUntil = Date.now() + 600_000;
  return problem(429, 'denied', 'too many failures', { retry_after_s: 600 });
}

function setUp({ code, username, password }) {
  if (code.replace(/[^A-Z0-9]/gi, '').toUpperCase() !== CODE) return problem(403, 'denied', 'code: not the one-time code', { field: 'code' });
  world.accounts.set(username, password);
  stateName = 'normal';
  return opened(201, username);
}

function setControl(body, user) {
  const { mode, value } = body.feed_in_limit;
  if (mode === 'percent' && value > 100) return problem(400, 'out_of_range', `feed_in_limit.value: ${value} is above 100 %`, { remedy: 'choose 0 to 100', field: 'feed_in_limit.value' });
  world.control = { ...body, changed_by: user, changed_at: clock() };
  plant.limitW = answers.limitWatts(body.feed_in_limit);
  return { status: 200, body: world.control };
}

function status(now) {
  return {
    name: 'Demo house', version: '0.1.0', started: now - 5_421_000, now, timezone: 'Europe/Berlin', cycle: { period_ms: 1000, count: 5421, late_ms_max: 3.2 },
    history: { samples: 41_882_113, bytes: 19_400_000, oldest: plant.first, lost: 0 }, memory_bytes: 21_300_000, cpu_percent: 0.4,
  };
}

function answer(method, url, body, user) {
  const now = clock();
  const q = url.searchParams;
  const path = url.pathname.slice('/api/v1'.length);
  const ok = (value) => ({ status: 200, body: value });
  const route = `${method} ${path}`;
  if (route === 'GET /setup') return ok({ needed: stateName === 'setup' });
  if (route === 'POST /setup') return setUp(body);
  if (route === 'POST /session') return logIn(body);
  if (!user) return problem(401, 'denied', 'no session', { remedy: 'log in' });
  const some = (list) => (stateName === 'empty' ? [] : list);
  switch (route) {
    case 'GET /session': return ok(session(user));
    case 'DELETE /session': sessions.clear(); return { status: 204 };
    case 'PUT /session/password': return world.accounts.get(user) === body.old ? (world.accounts.set(user, body.new), { status: 204 }) : problem(403, 'denied', 'old: wrong password');
    case 'GET /status': return ok(status(now));
    case 'GET /overview': return ok(answers.overview(now, plant, world.control, stateName));
    case 'GET /devices': return ok({ devices: some(devicesNow()) });
    case 'GET /points': return ok({ points: some(answers.points(plant.now(now), plant, stateName)) });
    case 'GET /buses': return ok({ buses: some(busesNow()) });
    case 'GET /history/series': return ok({ series: some(Object.entries(SERIES).map(([id, [, unit, resolution]]) => ({ id, unit, resolution, first: plant.first, last: now }))) });
    case 'GET /audit':
      return user === 'guest' ? problem(403, 'denied', 'only an installer may do this') : ok({ rows: [
        { at: now - 60_000, who: 'anna', address: '192.168.1.7', what: 'setting export_limit_w of device storage', old: '6000', new: '4000' },
        { at: now - 70_000, who: 'ben', address: '192.168.1.8', what: 'device changed', old: '{"id":"storage","name":"Battery","use":"hybrid"}', new: '{"id":"storage","name":"Storage","use":"hybrid"}' },
        { at: now - 80_000, who: 'ben', address: '192.168.1.8', what: 'device added', old: null, new: '{"id":"heat","name":"Heat pump"}' },
        { at: now - 90_000, who: 'anna', address: '192.168.1.7', what: 'raw request to unit 1 on bus line1', old: null, new: '"0300000001"' },
      ] });
    case 'GET /history': return q.getAll('series').every((id) => SERIES[id]) ? ok({ results: answers.history(q.getAll('series'), +q.get('from'), +q.get('to'), +q.get('buckets') || 1000, plant, now) }) : problem(404, 'refused', 'series: not recorded');
    case 'GET /energy': return ok(answers.energy(+q.get('from'), +q.get('to'), q.get('step'), plant, stateName === 'empty' ? 0 : now));
    case 'GET /export': return { status: 200, type: 'text/csv', text: `time,${q.getAll('series').join(',')}\n` };
    case 'GET /why': return ok({ decisions: some(answers.decisions(now, plant, world.control)).filter((d) => (!q.get('device') || d.device === q.get('device')) && (!q.get('before') || d.at < +q.get('before'))).slice(0, +q.get('limit') || 100) });
    case 'GET /alarms': return ok({ alarms: some(answers.alarms(now, stateName)) });
    case 'GET /settings/control': return ok(world.control);
    case 'PUT /settings/control': return user === 'guest' ? problem(403, 'denied', 'only an installer may change this') : setControl(body, user);
    default:
      if (user === 'guest') return problem(403, 'denied', 'only an installer may do this');
      return commissioningAnswer(method, path, q, body, world.site, { devices: devicesNow(), buses: busesNow(), clock }) ?? problem(404, 'unsupported', `${path}: no such thing`);
  }
}

const devicesNow = () => withSite(answers.devices(clock(), stateName), world.site);
const busesNow = () => busesOf(buses(stateName), world.site);

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
}

async function file(path) {
  const name = path === '/' ? '/index.html' : normalize(path);
  const content = await readFile(join(args.dist, name));
  return { content, type: TYPES[extname(name)] ?? 'application/octet-stream' };
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname === '/mock/state') {
    stateName = (await bodyOf(request)).state;
    if (stateName === 'reset') { Object.assign(world, freshWorld()); plant.limitW = 4800; stateName = 'normal'; }
    if (stateName === 'offline') live.clients.forEach((client) => client.terminate());
    return response.writeHead(204).end();
  }
  if (stateName === 'offline') return request.socket.destroy();
  if (url.pathname.startsWith('/api/')) {
    const { status: code, body, cookie, text, type } = answer(request.method, url, await bodyOf(request), userOf(request));
    response.writeHead(code, { ...HEADERS, 'Content-Type': type ?? 'application/json', ...(cookie ? { 'Set-Cookie': cookie } : {}) });
    return response.end(text ?? (body ? JSON.stringify(body) : undefined));
  }
  if (!args.dist) return response.writeHead(404).end();
  try {
    const { content, type } = await file(url.pathname);
    response.writeHead(200, { ...HEADERS, 'Content-Type': type, 'Cache-Control': url.pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache' });
    response.end(content);
  } catch {
    response.writeHead(404, HEADERS).end();
  }
});

const live = new WebSocketServer({ noServer: true, maxPayload: 1024 });
server.on('upgrade', (request, socket, head) => {
  if (stateName === 'offline' || !userOf(request)) return socket.destroy();
  live.handleUpgrade(request, socket, head, (client) => follow(client));
});

function follow(client) {
  let seq = 0;
  const tell = (message) => client.send(JSON.stringify(message));
  const tick = () => {
    const at = clock();
    seq += 1;
    const points = stateName === 'empty' ? [] : answers.points(plant.now(at), plant, stateName);
    const overview = answers.overview(at, plant, world.control, stateName);
    if (seq === 1) return tell({ type: 'hello', seq, at, points, overview });
    tell({ type: 'update', seq, at, points: points.map(({ id, value, quality, age_ms, text }) => (text ? [id, value, quality, age_ms, text] : [id, value, quality, age_ms])), overview });
    if (seq % 7 === 0 && stateName === 'normal') tell({ type: 'decision', decision: { ...answers.decisions(at, plant, world.control)[0], at } });
  };
  tick();
  const timer = setInterval(tick, 1000);
  client.on('message', () => tell({ type: 'pong' }));
  client.on('close', () => clearInterval(timer));
}

server.listen(Number(args.port), () => console.log(`mock gateway on http://localhost:${server.address().port} (anna / correct horse battery)`));
