// A house for the mock: sun, clouds, load, battery and grid, minute by minute for the last 40 days, then live.
// Its clock starts on 20 June 2026, 11:25 in Berlin, so that every run and every screenshot sees the same day; another
// start comes from the environment (BUSBAR_MOCK_START=2026-10-25T00:30Z), to see the interface on other days.
const MINUTE = 60_000;
const DAY = 86_400_000;
const DAYS = 40;
export const START = Date.parse(process.env.BUSBAR_MOCK_START ?? '2026-06-20T09:25:00Z');
const ZONE_OFFSET = berlinOffset(START); // of the start, for the whole history: good enough for a mock
export const RATED_PV = 8000;
const CAPACITY_WH = 15_000;

function berlinOffset(at) {
  const name = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', timeZoneName: 'longOffset' }).formatToParts(at).find((part) => part.type === 'timeZoneName').value;
  return Number(name.slice(4, 6)) * 3_600_000; // GMT+02:00
}

// A number in 0..1 that depends only on its arguments.
function noise(seed, index) {
  let x = (seed * 374761393 + index * 668265263) | 0;
  x = Math.imul(x ^ (x >>> 13), 1274126177);
  return ((x ^ (x >>> 16)) >>> 0) / 4294967296;
}
function smooth(seed, position) {
  const i = Math.floor(position);
  const f = position - i;
  const s = f * f * (3 - 2 * f);
  return noise(seed, i) * (1 - s) + noise(seed, i + 1) * s;
}

const hourOf = (at) => (((at + ZONE_OFFSET) % DAY) + DAY) % DAY / 3_600_000;
const dayOf = (at) => Math.floor((at + ZONE_OFFSET) / DAY);

export function sunPower(at) {
  const sun = Math.sin((Math.PI * (hourOf(at) - 5.1)) / 16.4);
  if (sun <= 0) return 0;
  const haze = 0.55 + 0.45 * noise(7, dayOf(at) % 1000);
  const cover = Math.max(0, Math.min(1, (smooth(3, at / (19 * MINUTE)) - 0.55) / 0.2)) * (noise(9, dayOf(at)) > 0.35 ? 1 : 0);
  const cloud = 1 - cover * (0.35 + 0.35 * smooth(4, at / (3 * MINUTE)));
  return 7700 * sun ** 1.25 * Math.max(haze, dayOf(at) === dayOf(START) ? 0.95 : 0) * cloud;
}

export function housePower(at) {
  const hour = hourOf(at);
  const peak = (middle, width, height) => height * Math.exp(-(((hour - middle) / width) ** 2));
  const fridge = noise(11, Math.floor(at / (23 * MINUTE))) > 0.5 ? 90 : 0;
  const oven = hour > 18 && hour < 19.4 && noise(13, dayOf(at)) > 0.3 ? 1500 * (Math.floor(at / (3 * MINUTE)) % 2) : 0;
  const car = hour > 0.5 && hour < 4 ? 2100 : 0; // charges at night from the house battery
  return 300 + car + fridge + peak(7.3, 0.8, 900) + peak(12.6, 0.7, 420) + peak(19.4, 1.9, 1750) + oven + 60 * smooth(5, at / (MINUTE / 2));
}

// One step of the control: the battery takes what is left and gives what is missing; the feed-in limit caps the sun.
export function step(at, soc, limitW) {
  const house = housePower(at);
  let pv = sunPower(at);
  const wish = house - pv;
  const most = soc > 99.5 ? 0 : soc > 95 ? 1200 : 2400;
  let battery = Math.max(-most, Math.min(soc < 8 ? 0 : 2500, wish));
  let limited = false;
  if (limitW !== null && pv + battery - house > limitW) {
    pv = limitW + house - battery;
    limited = true;
  }
  const grid = house - pv - battery;
  return { pv, house, battery, grid, limited };
}

export class Plant {
  constructor(limitW = 4800) {
    this.limitW = limitW;
    this.minutes = DAYS * 1440;
    this.first = START - this.minutes * MINUTE;
    this.columns = { pv: [], house: [], battery: [], grid: [], soc: [] };
    let soc = 40;
    for (let i = 0; i < this.minutes; i += 1) soc = this.keep(this.first + i * MINUTE, soc);
    this.soc = soc;
    this.last = START;
  }
  keep(at, soc) {
    const now = step(at, soc, this.limitW);
    for (const name of ['pv', 'house', 'battery', 'grid']) this.columns[name].push(now[name]);
    this.columns.soc.push(soc);
    const stored = now.battery < 0 ? -now.battery * 0.96 : -now.battery / 0.96;
    return Math.max(5, Math.min(100, soc + (100 * stored) / 60 / CAPACITY_WH));
  }
  // Advances to `at` and says what flows then.
  now(at) {
    while (this.last + MINUTE <= at) {
      this.soc = this.keep(this.last, this.soc);
      this.last += MINUTE;
    }
    return { ...step(at, this.soc, this.limitW), soc: this.soc };
  }
  // Value of a column at an instant, null before the first; the mock's gateway was off for three hours some days ago.
  at(name, at) {
    const i = Math.floor((at - this.first) / MINUTE);
    const off = START - 3 * DAY;
    if (at > off && at < off + 3 * 3_600_000) return null;
    return this.columns[name][i] ?? (i === this.columns[name].length ? this.columns[name][i - 1] : null); // the minute that runs
  }
  energy(name, from, to, sign = 1) {
    let sum = 0;
    let known = 0;
    for (let at = from; at < Math.min(to, this.last); at += MINUTE) {
      const value = this.at(name, at);
      if (value === null) continue;
      sum += Math.max(0, sign * value) / 60;
      known += 1;
    }
    return known ? Math.round(sum) : null;
  }
  today(at) {
    const from = at - (((at + ZONE_OFFSET) % DAY) + DAY) % DAY;
    return this.sums(from, at);
  }
  sums(from, to) {
    return {
      pv_wh: this.energy('pv', from, to), house_wh: this.energy('house', from, to),
      import_wh: this.energy('grid', from, to), export_wh: this.energy('grid', from, to, -1),
      charged_wh: this.energy('battery', from, to, -1), discharged_wh: this.energy('battery', from, to),
    };
  }
}
