import { describe, expect, it } from 'vitest';
import type { Device, Sharing } from '../api/types';
import { clientProblem, draftOf, isClientAddress, registerSpans, settingsOf } from './sharing_draft';

const off: Sharing = { enabled: false, address: '127.0.0.1', port: 1502, max_clients: 16, cache_ms: 1000, devices: [], clients: [], listening: false, problem: null, connections: 0, turned_away: 0, requests: 0, from_cache: 0, refused: 0, writes: 0, seen: [] };
const devices = [{ id: 'meter' }, { id: 'roof' }] as Device[];

describe('sharing', () => {
  it('begins with every device, for this machine, with nobody let in', () => {
    const draft = draftOf(off, devices);
    expect(settingsOf({ ...draft, enabled: true })).toEqual({ enabled: true, address: '127.0.0.1', port: 1502, max_clients: 16, cache_ms: 1000, devices: [{ id: 'meter', unit: 1 }, { id: 'roof', unit: 2 }], clients: [] });
  });

  it('gives back what it was given', () => {
    const on: Sharing = { ...off, enabled: true, address: '0.0.0.0', devices: [{ id: 'roof', unit: 7 }], clients: [{ address: '192.168.1.20', rights: 'write', devices: ['roof'], writable: [{ device: 'roof', registers: ['5', '10-12'] }] }] };
    const sent = settingsOf(draftOf(on, devices));
    expect(sent?.devices).toEqual([{ id: 'roof', unit: 7 }]);
    expect(sent?.clients).toEqual([{ address: '192.168.1.20', rights: 'write', devices: [], writable: [{ device: 'roof', registers: ['5', '10-12'] }] }]);
  });

  it('sends nothing half-typed', () => {
    const draft = { ...draftOf(off, devices), enabled: true };
    const client = { address: '192.168.1.20', rights: 'write' as const, devices: [], registers: {} };
    expect(settingsOf({ ...draft, port: '0' })).toBeNull();
    expect(settingsOf({ ...draft, devices: [] })).toBeNull();
    expect(clientProblem(client, draft)).toBe('registers');
    expect(settingsOf({ ...draft, clients: [client] })).toBeNull();
    expect(settingsOf({ ...draft, clients: [{ ...client, registers: { roof: '47086' } }] })?.clients).toHaveLength(1);
    expect(clientProblem({ ...client, address: 'box', rights: 'read' }, draft)).toBe('address');
  });

  it('knows registers and addresses', () => {
    expect(registerSpans('47086, 47590-47592')).toEqual(['47086', '47590-47592']);
    for (const bad of ['x', '5-', '12-5', '70000', '-1']) expect(registerSpans(bad)).toBeNull();
    expect(registerSpans('')).toEqual([]);
    for (const good of ['192.168.1.20', '192.168.1.0/24', 'fd00::/8']) expect(isClientAddress(good)).toBe(true);
    for (const bad of ['', 'box', '192.168.1.20/x', 'a b']) expect(isClientAddress(bad)).toBe(false);
  });
});
