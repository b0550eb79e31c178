// What the page must know of a pack before the gateway reads it. Pure.
export const MAX_PACK_BYTES = 64 * 1024;

// "acme/em1", from the line that every profile has; the gateway checks it.
export function packName(text: string): string | null {
  const found = /^profile:[ \t]*(["']?)([a-z0-9][a-z0-9._-]*\/[a-z0-9][a-z0-9._-]*)\1[ \t]*(#.*)?\r?$/m.exec(text);
  return found ? found[2]! : null;
}
