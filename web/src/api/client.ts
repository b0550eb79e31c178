// The REST side of the gateway. Every failure is an ApiError; components never see fetch.
import type {
  Alarm, AuditRow, Bus, ControlSettings, ControlSettingsChange, Decision, Device, Energy, HistorySeries, LoginRequest, Overview,
  PasswordChange, SeriesInfo, Session, Setup, SetupRequest, Status,
} from './types';
import { query, request } from './http';

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
  audit: async () => (await request<{ rows: AuditRow[] }>('GET', '/audit?limit=1000')).rows,
  control: () => request<ControlSettings>('GET', '/settings/control'),
  setControl: (body: ControlSettingsChange) => request<ControlSettings>('PUT', '/settings/control', body),
  exportHref: (series: readonly string[], range: Range) => `/api/v1/export?${query({ series, ...range })}`,
};

export type Api = typeof api;
