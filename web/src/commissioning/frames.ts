// Frames of the bus monitor in words: unit, function, what is asked or answered. Pure. RTU frames are unit, PDU, CRC; TCP
// frames carry seven bytes before the PDU.
import type { Frame } from '../api/types';
import type { Say } from './words';

export interface Told { unit: number | null; text: string }

const bytesOf = (hex: string): number[] => (hex.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
const word = (bytes: readonly number[], at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

// Whose frame it is; null: bytes that are no frame. Cheap: it is asked of every frame that is kept.
export function unitOf({ hex }: Frame, isTcp: boolean): number | null {
  const at = isTcp ? 12 : 0;
  const isWhole = hex.length >= (isTcp ? 16 : 8);
  return isWhole ? parseInt(hex.slice(at, at + 2), 16) : null;
}

export function tell(frame: Frame, isTcp: boolean, say: Say): Told {
  const bytes = bytesOf(frame.hex);
  const unit = unitOf(frame, isTcp);
  const pdu = isTcp ? bytes.slice(7) : bytes.slice(1, -2);
  const code = pdu[0];
  if (unit === null || code === undefined) return { unit: null, text: say('frame.odd', { count: bytes.length }) };
  return { unit, text: frame.direction === 'sent' ? question(code, pdu, say) : answer(code, pdu, say) };
}

function question(code: number, pdu: readonly number[], say: Say): string {
  const address = word(pdu, 1);
  if (code >= 1 && code <= 4) return say('frame.read', { count: word(pdu, 3), address });
  if (code === 5 || code === 6) return say('frame.write', { count: 1, address });
  if (code === 15 || code === 16) return say('frame.write', { count: word(pdu, 3), address });
  return say('frame.other', { code });
}

function answer(code: number, pdu: readonly number[], say: Say): string {
  if (code & 0x80) return say('frame.refused', { code: pdu[1] ?? 0 });
  if (code === 3 || code === 4) return say('frame.values', { count: Math.floor((pdu[1] ?? 0) / 2) });
  if (code === 1 || code === 2) return say('frame.values', { count: 8 * (pdu[1] ?? 0) });
  if (code === 5 || code === 6 || code === 15 || code === 16) return say('frame.written');
  return say('frame.other', { code });
}

export const spaced = (hex: string): string => hex.replace(/(..)(?=.)/g, '$1 ');
