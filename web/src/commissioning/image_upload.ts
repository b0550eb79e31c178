// A firmware image on its way to the gateway, in pieces that a phone's connection may interrupt: the gateway says from
// where to go on.
import { commissioning } from '../api/commissioning';

export const MAX_IMAGE_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 24 * 1024;

const hex = (bytes: ArrayBuffer) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

// Returns the image's name in the gateway. `told` hears how much has arrived, 0..1.
export async function uploadImage(device: string, file: Blob, told: (share: number) => void): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const image = hex(await crypto.subtle.digest('SHA-256', bytes));
  const size = bytes.length;
  let { received, complete } = await commissioning.sendFirmware(device, { image, size, offset: 0 });
  while (!complete) {
    told(received / size);
    const before = received;
    ({ received, complete } = await commissioning.sendFirmware(device, { image, size, offset: received, data: base64(bytes.subarray(received, received + PIECE_BYTES)) }));
    if (!complete && received <= before) throw new Error('the gateway takes no more of the image');
  }
  told(1);
  return image;
}
