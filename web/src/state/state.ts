// Everything the interface knows. One value, replaced as a whole by the reducer; views read it, nobody else writes it.
import type { Alarm, Bus, ControlSettings, Decision, Device, Energy, HistorySeries, Overview, Point, Problem, SeriesInfo, Session, Status } from '../api/types';

export type Phase = 'starting' | 'setup' | 'login' | 'ready' | 'unreachable';

// `received` is this browser's monotonic clock (ms): the age now is age_ms + (now - received).
export type LivePoint = Point & { received: number };

export type Connection =
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'lost'; since: number; retryAt: number };

export type Loaded<T> = { value: T | null; loading: boolean; problem: Problem | null };
export const nothingYet = <T>(): Loaded<T> => ({ value: null, loading: false, problem: null });

export interface WhyFilter { device: string | null; before: number | null }
export interface HistoryQuery { series: readonly string[]; from: number; to: number }

export interface State {
  phase: Phase;
  siteName: string;
  timezone: string;
  clockOffset: number; // gateway's wall clock minus the browser's, ms
  session: Session | null;
  sessionEnded: boolean; // show why the login page is here
  showLogins: boolean; // the recent logins, once after each login
  connection: Connection;
  overview: Overview | null;
  overviewReceived: number;
  points: ReadonlyMap<string, LivePoint>;
  status: Loaded<Status>;
  devices: Loaded<readonly Device[]>;
  buses: Loaded<readonly Bus[]>;
  energy: Loaded<Energy>;
  series: Loaded<readonly SeriesInfo[]>;
  history: Loaded<{ query: HistoryQuery; results: readonly HistorySeries[] }>;
  decisions: Loaded<readonly Decision[]>;
  whyFilter: WhyFilter;
  whyComplete: boolean; // no older decisions are left
  alarms: Loaded<readonly Alarm[]>;
  control: Loaded<ControlSettings>;
}

export const initialState: State = {
  phase: 'starting',
  siteName: '',
  timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  clockOffset: 0,
  session: null,
  sessionEnded: false,
  showLogins: false,
  connection: { kind: 'connecting' },
  overview: null,
  overviewReceived: 0,
  points: new Map(),
  status: nothingYet(),
  devices: nothingYet(),
  buses: nothingYet(),
  energy: nothingYet(),
  series: nothingYet(),
  history: nothingYet(),
  decisions: nothingYet(),
  whyFilter: { device: null, before: null },
  whyComplete: false,
  alarms: nothingYet(),
  control: nothingYet(),
};
