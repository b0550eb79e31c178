// The REST side of the gateway. Every failure is an ApiError; components never see fetch.
import type {
  Alarm, Bus, ControlSettings, ControlSettingsChange, Decision, Device, Energy, HistorySeries, LoginRequest, Overview,
  PasswordChange, Problem, SeriesInfo, Session, Setup, SetupRequest, Status,
} from './types';

export class ApiError extends Error {
  constructor(readonly status: number, readonly problem: Problem) {
    super(problem.text);
  }
  get retryAfterS(): number | null {
    return this.problem.retry_after_s ?? null;
  }
}

const NO_ANSWER = 0; // status of a request that reached nobody
const TIMEOUT_MS = 15_000;

async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new ApiError(NO_ANSWER, { kind: 'unavailable', text: String(cause) });
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  throw new ApiError(response.status, await problemOf(response));
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as { error?: Problem };
    if (body.error?.text) return body.error;
  } catch {
    // Not our JSON: a proxy in between, say. The status is all there is.
  }
  return { kind: 'internal', text: `${response.status} ${response.statusText}` };
}

function query(fields: Record<string, string | number | readonly string[] | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(fields)) {
    if (Array.isArray(value)) value.forEach((one: string) => search.append(key, one));
    else if (value !== null && value !== undefined) search.append(key, String(value));
  }
  return search.toString();
}

export interface Range { from: number; to: number }

export const api = {
  setup: () => request<Setup>('GET', '/setup'),
  setUp: (body: SetupRequest) => request<Session>('POST', '/setup', body),
  session: () => request<Session>('GET', '/session'),
  logIn: (body: LoginRequest) => request<Session>('POST', '/session', body),
  logOut: () => request<void>('DELETE', '/session'),
  changePassword: (body: PasswordChange) => request<void>('PUT', '/session/password', body),
  status: () => request<Status>('GET', '/status'),
  overview: () => request<Overview>('GET', '/overview'),
  devices: async () => (await request<{ devices: Device[] }>('GET', '/devices')).devices,
  buses: async () => (await request<{ buses: Bus[] }>('GET', '/buses')).buses,
  series: async () => (await request<{ series: SeriesInfo[] }>('GET', '/history/series')).series,
  history: async (series: readonly string[], range: Range, buckets: number) =>
    (await request<{ results: HistorySeries[] }>('GET', `/history?${query({ series, ...range, buckets })}`)).results,
  energy: (range: Range, step: Energy['step']) => request<Energy>('GET', `/energy?${query({ ...range, step })}`),
  why: async (filter: { limit: number; before?: number | null; device?: string | null }) =>
    (await request<{ decisions: Decision[] }>('GET', `/why?${query(filter)}`)).decisions,
  alarms: async () => (await request<{ alarms: Alarm[] }>('GET', '/alarms')).alarms,
  control: () => request<ControlSettings>('GET', '/settings/control'),
  setControl: (body: ControlSettingsChange) => request<ControlSettings>('PUT', '/settings/control', body),
  exportHref: (series: readonly string[], range: Range) => `/api/v1/export?${query({ series, ...range })}`,
};

export type Api = typeof api;
