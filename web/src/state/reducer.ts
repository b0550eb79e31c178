// Pure: (state, event) -> state. Clocks come in with the event.
import type { Alarm, Decision, LiveMessage, Overview, Point, PointChange, Problem, Session, Setup, Status } from '../api/types';
import { initialState, type Loaded, type LivePoint, type State, type WhyFilter } from './state';

type LoadKey = { [K in keyof State]: State[K] extends Loaded<infer _> ? K : never }[keyof State];
type ValueOf<K extends LoadKey> = NonNullable<State[K]['value']>;

export type Event =
  | { type: 'setup'; setup: Setup }
  | { type: 'unreachable' }
  | { type: 'sessionOpened'; session: Session; fresh: boolean }
  | { type: 'sessionClosed'; ended: boolean }
  | { type: 'loginsSeen' }
  | { type: 'status'; status: Status; wallNow: number }
  | { type: 'connected' }
  | { type: 'lost'; now: number; retryInMs: number }
  | { type: 'live'; message: LiveMessage; now: number; wallNow: number }
  | { type: 'overview'; overview: Overview; now: number }
  | { type: 'loading'; key: LoadKey }
  | { type: 'failed'; key: LoadKey; problem: Problem }
  | { [K in LoadKey]: { type: 'loaded'; key: K; value: ValueOf<K> } }[LoadKey]
  | { type: 'whyFilter'; filter: WhyFilter }
  | { type: 'moreDecisions'; decisions: readonly Decision[]; complete: boolean };

export type { LoadKey, ValueOf };

const KEPT_DECISIONS = 500;

export function reduce(state: State, event: Event): State {
  switch (event.type) {
    case 'setup':
      return { ...state, phase: event.setup.needed ? 'setup' : 'login' };
    case 'unreachable':
      return { ...state, phase: 'unreachable' };
    case 'sessionOpened':
      return { ...state, phase: 'ready', session: event.session, sessionEnded: false, showLogins: event.fresh };
    case 'sessionClosed':
      // Nothing of the last person's view may stay in memory for the next one.
      return { ...initialState, phase: 'login', sessionEnded: event.ended };
    case 'loginsSeen':
      return { ...state, showLogins: false };
    case 'status':
      return {
        ...state, siteName: event.status.name, timezone: event.status.timezone,
        clockOffset: event.status.now - event.wallNow, status: { value: event.status, loading: false, problem: null },
      };
    case 'connected':
      return { ...state, connection: { kind: 'live' } };
    case 'lost': {
      const since = state.connection.kind === 'lost' ? state.connection.since : event.now;
      return { ...state, connection: { kind: 'lost', since, retryAt: event.now + event.retryInMs } };
    }
    case 'live':
      return live(state, event.message, event.now, event.wallNow);
    case 'overview':
      return { ...state, overview: event.overview, overviewReceived: event.now };
    case 'loading':
      return { ...state, [event.key]: { ...state[event.key], loading: true } };
    case 'failed':
      return { ...state, [event.key]: { ...state[event.key], loading: false, problem: event.problem } };
    case 'loaded':
      return { ...state, [event.key]: { value: event.value, loading: false, problem: null } };
    case 'whyFilter':
      return { ...state, whyFilter: event.filter, whyComplete: false };
    case 'moreDecisions': {
      const known = state.decisions.value ?? [];
      const fresh = event.decisions.filter((one) => !known.some((other) => sameSetpoint(one, other)));
      return {
        ...state, whyComplete: event.complete || fresh.length === 0,
        decisions: { value: [...known, ...fresh], loading: false, problem: null },
      };
    }
  }
}

function live(state: State, message: LiveMessage, now: number, wallNow: number): State {
  switch (message.type) {
    case 'hello':
      return {
        ...state, connection: { kind: 'live' }, clockOffset: message.at - wallNow, overview: message.overview, overviewReceived: now,
        points: new Map(message.points.map((point) => [point.id, { ...point, received: now }])),
      };
    case 'update':
      return {
        ...state, connection: { kind: 'live' }, clockOffset: message.at - wallNow, overview: message.overview, overviewReceived: now,
        points: changed(state.points, message.points, now),
      };
    case 'decision':
      return { ...state, decisions: withDecision(state, message.decision) };
    case 'alarm':
      return { ...state, alarms: { ...state.alarms, value: withAlarm(state.alarms.value, message.alarm) } };
    default:
      return state; // pong, and whatever a newer gateway may say
  }
}

function changed(points: State['points'], changes: readonly PointChange[], now: number): State['points'] {
  if (changes.length === 0) return points;
  const next = new Map(points);
  for (const change of changes) {
    const [id, value, quality, age_ms] = change;
    const text: string | undefined = change[4]; // only there when the code has a name
    const point = next.get(id);
    if (point) next.set(id, { ...point, value, quality, age_ms, text: text ?? null, received: now });
  }
  return next;
}

const sameSetpoint = (a: Decision, b: Decision) => a.at === b.at && a.device === b.device && a.role === b.role;

// A decision comes again when its state changes (pending, then in force); it then takes its own place.
function withDecision(state: State, decision: Decision): State['decisions'] {
  const known = state.decisions.value;
  if (!known) return state.decisions;
  const { device, before } = state.whyFilter;
  if (before !== null || (device !== null && device !== decision.device)) return state.decisions;
  const at = known.findIndex((one) => sameSetpoint(one, decision));
  const value = at >= 0 ? known.with(at, decision) : [decision, ...known].slice(0, KEPT_DECISIONS);
  return { ...state.decisions, value };
}

function withAlarm(known: readonly Alarm[] | null, alarm: Alarm): readonly Alarm[] | null {
  if (!known) return known;
  const same = (one: Alarm) => one.id === alarm.id && one.cause === alarm.cause && one.source === alarm.source && one.raised === alarm.raised;
  const at = known.findIndex(same);
  return at >= 0 ? known.with(at, alarm) : [alarm, ...known];
}

// Age of a point or flow now, ms; null when it was never known.
export function ageNow(age_ms: number | null, received: number, now: number): number | null {
  return age_ms === null ? null : age_ms + Math.max(0, now - received);
}

export type { LivePoint, Point };
