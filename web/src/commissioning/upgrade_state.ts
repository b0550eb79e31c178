// What an upgrade that ended without success leaves in the device. Pure; never says more than is known: once the order
// to install may have gone out, only the version that the device says now counts.
import type { Device, Upgrade } from '../api/types';

export const hasStopped = (upgrade: Upgrade | null): upgrade is Upgrade => upgrade?.state === 'interrupted' || upgrade?.state === 'failed';

// Ends that come before the order to install, or with the device refusing it.
const NEVER_INSTALLED: readonly string[] = ['firmware_stopped', 'firmware_refused', 'firmware_damaged', 'firmware_forgets', 'firmware_not_ready', 'firmware_not_installed'];

export type LeftWith = { state: 'part' | 'kept' | 'runs' | 'open'; from: string; to: string };

// `part`: the old firmware, and some of the new one, unused. `kept`: the old one. `runs`: the one it says. `open`: it says nothing.
export function leftWith(upgrade: Upgrade, device: Pick<Device, 'state' | 'firmware'>): LeftWith {
  const from = upgrade.from ?? '', to = upgrade.to ?? '';
  if (upgrade.state === 'interrupted') return { state: upgrade.percent > 0 ? 'part' : 'kept', from, to };
  if (upgrade.code !== undefined && NEVER_INSTALLED.includes(upgrade.code)) return { state: 'kept', from, to };
  if (device.state === 'online' && device.firmware !== '') return { state: 'runs', from: device.firmware, to };
  return { state: 'open', from, to };
}
