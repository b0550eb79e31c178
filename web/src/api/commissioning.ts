// What an installer asks of the gateway: finding, adding, changing and replacing devices and lines, their settings and
// firmware, and what goes over a line.
import { query, request } from './http';
import type {
  BusSettings, DeviceChange, DeviceSetting, DeviceSettingWritten, FirmwareProgress, FrameList, NewDevice, Port, Profile, RawAnswer,
  RawRequest, Replacement, Scan, ScanOrder, Sharing, SharingSettings, Upgrade,
} from './types';

const device = (id: string) => `/devices/${encodeURIComponent(id)}`;
const bus = (id: string) => `/buses/${encodeURIComponent(id)}`;

export const commissioning = {
  addDevice: async (body: NewDevice) => (await request<{ id: string }>('POST', '/devices', body)).id,
  changeDevice: (id: string, body: DeviceChange) => request<void>('PUT', device(id), body),
  removeDevice: (id: string, match: { bus: string; unit: number; profile: string }) => request<void>('DELETE', `${device(id)}?${query(match)}`),
  replaceDevice: (id: string, body: Replacement) => request<void>('POST', `${device(id)}/replacement`, body),
  settings: async (id: string) => (await request<{ settings: DeviceSetting[] }>('GET', `${device(id)}/settings`)).settings,
  writeSetting: (id: string, key: string, value: number) => request<DeviceSettingWritten>('PUT', `${device(id)}/settings`, { key, value }),
  sendFirmware: (id: string, piece: { image: string; size: number; offset: number; data?: string }) => request<FirmwareProgress>('POST', `${device(id)}/firmware`, piece),
  startUpgrade: (id: string, image: string, take_unsupported = false) => request<Upgrade>('POST', `${device(id)}/upgrade`, { image, take_unsupported }),
  upgrade: (id: string) => request<Upgrade>('GET', `${device(id)}/upgrade`),
  cancelUpgrade: (id: string) => request<void>('DELETE', `${device(id)}/upgrade`),

  addBus: async (id: string, settings: BusSettings) => (await request<{ id: string }>('POST', '/buses', { id, settings })).id,
  changeBus: (id: string, settings: BusSettings, set_anyway = false) => request<void>('PUT', bus(id), set_anyway ? { settings, set_anyway } : { settings }),
  removeBus: (id: string) => request<void>('DELETE', bus(id)),
  ask: (id: string, body: RawRequest) => request<RawAnswer>('POST', `${bus(id)}/request`, body),
  frames: (id: string, from: number) => request<FrameList>('GET', `${bus(id)}/frames?${query({ from, limit: 500 })}`),
  captureHref: (id: string) => `/api/v1${bus(id)}/capture`,

  sharing: () => request<Sharing>('GET', '/sharing'),
  changeSharing: (body: SharingSettings) => request<Sharing>('PUT', '/sharing', body),

  ports: async () => (await request<{ ports: Port[] }>('GET', '/ports')).ports,
  profiles: async () => (await request<{ profiles: Profile[] }>('GET', '/profiles')).profiles,
  addProfile: (name: string, text: string, over_shipped: boolean) => request<{ name: string }>('POST', '/profiles', { name, text, over_shipped }),
  removeProfile: (name: string) => request<void>('DELETE', `/profiles?${query({ name })}`),

  scan: () => request<Scan>('GET', '/scan'),
  startScan: (order: ScanOrder) => request<Scan>('POST', '/scan', order),
  cancelScan: () => request<void>('DELETE', '/scan'),
};
