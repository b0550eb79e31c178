// What a person can do, and what the interface does by itself. The only place that talks to the gateway.
import type { Api } from '../api/client';
import { ApiError } from '../api/http';
import { LiveSocket } from '../api/live';
import type { ControlSettingsChange, LoginRequest, PasswordChange, Problem, SetupRequest } from '../api/types';
import type { LoadKey, ValueOf } from './reducer';
import type { HistoryQuery, WhyFilter } from './state';
import type { Store } from './store';

const WHY_PAGE = 50;
const HISTORY_BUCKETS = 1000;
const SERIES_PER_REQUEST = 8;
const HOUR = 3_600_000;

export type Outcome = { ok: true } | { ok: false; problem: Problem; status: number };
export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem; status: number };
export type Actions = ReturnType<typeof createActions>;

export function createActions(store: Store, api: Api) {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const live = new LiveSocket(`${scheme}://${location.host}/api/v1/live`, (event) => {
    if (event.kind === 'open') return;
    const now = performance.now();
    if (event.kind === 'message') return store.dispatch({ type: 'live', message: event.message, now, wallNow: Date.now() });
    store.dispatch({ type: 'lost', now, retryInMs: event.retryInMs });
    // A refused socket does not say why: the session may have ended.
    void checkSession();
  });

  async function checkSession(): Promise<void> {
    try {
      await api.session();
    } catch (error) {
      closedIfUnauthorised(error);
    }
  }

  function closedIfUnauthorised(error: unknown): void {
    if (!(error instanceof ApiError) || error.status !== 401 || !store.state.session) return;
    live.stop();
    store.dispatch({ type: 'sessionClosed', ended: true });
  }

  function problemOf(error: unknown): { problem: Problem; status: number } {
    closedIfUnauthorised(error);
    if (error instanceof ApiError) return { problem: error.problem, status: error.status };
    return { problem: { kind: 'internal', text: String(error) }, status: 0 };
  }

  async function attempt(work: () => Promise<void>): Promise<Outcome> {
    try {
      await work();
      return { ok: true };
    } catch (error) {
      return { ok: false, ...problemOf(error) };
    }
  }

  async function load<K extends LoadKey>(key: K, work: () => Promise<ValueOf<K>>, current: () => boolean = () => true): Promise<void> {
    store.dispatch({ type: 'loading', key });
    try {
      const value = await work();
      if (current()) store.dispatch({ type: 'loaded', key, value } as Parameters<Store['dispatch']>[0]);
    } catch (error) {
      const { problem } = problemOf(error);
      if (store.state.session && current()) store.dispatch({ type: 'failed', key, problem });
    }
  }

  // The site's clock and time zone first: no view may start a day of the browser's own zone.
  async function enter(): Promise<void> {
    await refreshStatus();
    live.start();
  }

  async function refreshStatus(): Promise<void> {
    try {
      store.dispatch({ type: 'status', status: await api.status(), wallNow: Date.now() });
    } catch (error) {
      problemOf(error);
    }
  }

  const gatewayNow = () => Date.now() + store.state.clockOffset;
  let historyAsked = 0;

  return {
    async start(): Promise<void> {
      try {
        const setup = await api.setup();
        if (setup.needed) return store.dispatch({ type: 'setup', setup });
        try {
          const session = await api.session();
          store.dispatch({ type: 'setup', setup });
          store.dispatch({ type: 'sessionOpened', session, fresh: false });
          await enter();
        } catch (error) {
          if (!(error instanceof ApiError) || error.status !== 401) throw error;
          store.dispatch({ type: 'setup', setup });
        }
      } catch {
        store.dispatch({ type: 'unreachable' });
      }
    },
    setUp: (body: SetupRequest) => attempt(async () => {
      store.dispatch({ type: 'sessionOpened', session: await api.setUp(body), fresh: false });
      await enter();
    }),
    logIn: (body: LoginRequest) => attempt(async () => {
      store.dispatch({ type: 'sessionOpened', session: await api.logIn(body), fresh: true });
      await enter();
    }),
    logOut: () => attempt(async () => {
      await api.logOut();
      live.stop();
      store.dispatch({ type: 'sessionClosed', ended: false });
    }),
    changePassword: (body: PasswordChange) => attempt(() => api.changePassword(body)),
    loginsSeen: () => store.dispatch({ type: 'loginsSeen' }),
    retryNow: () => live.retryNow(),
    refreshStatus,
    loadDevices: () => load('devices', api.devices),
    loadBuses: () => load('buses', api.buses),
    loadAlarms: () => load('alarms', api.alarms),
    loadControl: () => load('control', api.control),
    loadSeries: () => load('series', api.series),
    loadEnergy: () => {
      const to = Math.ceil(gatewayNow() / HOUR) * HOUR;
      return load('energy', () => api.energy({ from: to - 24 * HOUR, to }, 'hour'));
    },
    // Only the answer to the last question is shown; zooming asks faster than answers come.
    loadHistory(query: HistoryQuery): Promise<void> {
      historyAsked += 1;
      const asked = historyAsked;
      const range = { from: Math.floor(query.from), to: Math.ceil(query.to) };
      return load('history', async () => {
        const results = query.series.length ? await api.history(query.series, range, HISTORY_BUCKETS) : [];
        return { query: { series: query.series, ...range }, results };
      }, () => asked === historyAsked);
    },
    // Which of these points never had a good value. One that cannot be asked for is taken to have had one.
    async neverGood(ids: readonly string[]): Promise<ReadonlySet<string>> {
      const range = { from: 0, to: Math.ceil(gatewayNow()) };
      const asked = Array.from({ length: Math.ceil(ids.length / SERIES_PER_REQUEST) }, (_, i) => ids.slice(i * SERIES_PER_REQUEST, (i + 1) * SERIES_PER_REQUEST));
      const answers = await Promise.all(asked.map((some) => api.history(some, range, 1).catch(() => [])));
      return new Set(answers.flat().filter((one) => one.t.length === 0).map((one) => one.series));
    },
    exportHref: (query: HistoryQuery) => api.exportHref(query.series, { from: Math.floor(query.from), to: Math.ceil(query.to) }),
    loadWhy(filter: WhyFilter): Promise<void> {
      store.dispatch({ type: 'whyFilter', filter });
      return load('decisions', () => api.why({ limit: WHY_PAGE, ...filter }), () => store.state.whyFilter === filter);
    },
    moreWhy: () => attempt(async () => {
      const { whyFilter, decisions } = store.state;
      const oldest = decisions.value?.at(-1)?.at;
      if (oldest === undefined) return;
      // Several setpoints share one instant: ask for that instant again, the reducer drops what it has.
      const older = await api.why({ limit: WHY_PAGE, device: whyFilter.device, before: oldest + 1 });
      if (store.state.whyFilter === whyFilter) store.dispatch({ type: 'moreDecisions', decisions: older, complete: older.length < WHY_PAGE });
    }),
    saveControl: (change: ControlSettingsChange) => attempt(async () => {
      store.dispatch({ type: 'loaded', key: 'control', value: await api.setControl(change) });
    }),
    // What only one page wants and nobody else keeps.
    async ask<T>(work: () => Promise<T>): Promise<Answer<T>> {
      try {
        return { ok: true, value: await work() };
      } catch (error) {
        return { ok: false, ...problemOf(error) };
      }
    },
    gatewayNow,
  };
}
