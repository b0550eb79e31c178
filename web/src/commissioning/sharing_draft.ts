// What is typed on the page of sharing, and what is sent of it. Pure.
import type { Device, Sharing, SharingSettings } from '../api/types';
import { wholeNumber } from './fields';

export const THIS_MACHINE = '127.0.0.1';
export const EVERY_NETWORK = '0.0.0.0';

export interface ClientDraft { address: string; rights: 'read' | 'write'; devices: string[]; registers: Record<string, string> }
export interface SharingDraft {
  enabled: boolean; address: string; otherAddress: string | null; port: string; max_clients: number; cache_ms: number;
  devices: { id: string; unit: number }[]; clients: ClientDraft[];
}

// The first time: all devices, only for reading, and only for this machine until somebody says otherwise.
export function draftOf(sharing: Sharing, devices: readonly Device[]): SharingDraft {
  const isNew = sharing.devices.length === 0;
  const ids = sharing.devices.map((one) => one.id);
  return {
    enabled: sharing.enabled,
    address: sharing.address,
    otherAddress: [THIS_MACHINE, EVERY_NETWORK].includes(sharing.address) ? null : sharing.address,
    port: String(sharing.port),
    max_clients: sharing.max_clients,
    cache_ms: sharing.cache_ms,
    devices: isNew ? devices.slice(0, 247).map((device, i) => ({ id: device.id, unit: i + 1 })) : sharing.devices.map((one) => ({ ...one })),
    clients: sharing.clients.map((client) => ({
      address: client.address,
      rights: client.rights,
      devices: (client.devices ?? []).length === ids.length ? [] : [...(client.devices ?? [])], // all of them, also later ones
      registers: Object.fromEntries((client.writable ?? []).map((of) => [of.device, of.registers.join(', ')])),
    })),
  };
}

// "47086, 47590-47592"; null when it is none.
export function registerSpans(text: string): string[] | null {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  const good = parts.every((part) => {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (!match) return false;
    const first = wholeNumber(match[1] ?? '', 0, 65535);
    const last = match[2] === undefined ? first : wholeNumber(match[2], 0, 65535);
    return first !== null && last !== null && last >= first;
  });
  return good && parts.length <= 64 ? parts : null;
}

// An address or a network; the gateway looks closer.
export const isClientAddress = (text: string): boolean => /^[0-9a-fA-F.:]{2,45}(\/\d{1,3})?$/.test(text.trim());

const sharedBy = (client: ClientDraft, draft: SharingDraft): string[] => {
  const ids = draft.devices.map((one) => one.id);
  const own = client.devices.filter((id) => ids.includes(id));
  return own.length ? own : ids;
};

export function clientProblem(client: ClientDraft, draft: SharingDraft): 'address' | 'registers' | null {
  if (!isClientAddress(client.address)) return 'address';
  if (client.rights === 'read') return null;
  const typed = sharedBy(client, draft).map((id) => registerSpans(client.registers[id] ?? ''));
  return typed.some((spans) => spans === null) || typed.every((spans) => spans?.length === 0) ? 'registers' : null;
}

// null while something is missing.
export function settingsOf(draft: SharingDraft): SharingSettings | null {
  const port = wholeNumber(draft.port, 1, 65535);
  if (port === null || (draft.enabled && draft.devices.length === 0)) return null;
  if (draft.enabled && draft.clients.some((client) => clientProblem(client, draft))) return null;
  const clients = draft.clients.filter((client) => draft.devices.length > 0 && clientProblem(client, draft) === null);
  return {
    enabled: draft.enabled,
    address: draft.address,
    port,
    max_clients: draft.max_clients,
    cache_ms: draft.cache_ms,
    devices: draft.devices,
    clients: clients.map((client) => ({
      address: client.address.trim(),
      rights: client.rights,
      devices: client.devices.filter((id) => draft.devices.some((one) => one.id === id)),
      writable: client.rights === 'read' ? [] : sharedBy(client, draft).flatMap((device) => {
        const registers = registerSpans(client.registers[device] ?? '') ?? [];
        return registers.length ? [{ device, registers }] : [];
      }),
    })),
  };
}
