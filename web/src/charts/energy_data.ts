// Stacks of the hour bars: what came in above the line, what it went into below. Pure.
import type { Energy } from '../api/types';

export type Part = 'pv' | 'discharged' | 'import' | 'house' | 'charged' | 'export';
export const SOURCES: readonly Part[] = ['pv', 'discharged', 'import'];
export const USES: readonly Part[] = ['house', 'charged', 'export'];

export interface Column { at: number; known: boolean; parts: Readonly<Record<Part, number | null>> }
export interface Block { part: Part; from: number; to: number } // Wh, uses negative

export function columnsOf(energy: Energy): Column[] {
  return energy.t.map((at, i) => {
    const parts = {
      pv: energy.pv_wh[i] ?? null, discharged: energy.discharged_wh[i] ?? null, import: energy.import_wh[i] ?? null,
      house: energy.house_wh[i] ?? null, charged: energy.charged_wh[i] ?? null, export: energy.export_wh[i] ?? null,
    };
    return { at, parts, known: Object.values(parts).some((value) => value !== null) };
  });
}

export function blocksOf(column: Column): Block[] {
  const blocks: Block[] = [];
  for (const [parts, sign] of [[SOURCES, 1], [USES, -1]] as const) {
    let edge = 0;
    for (const part of parts) {
      const size = Math.max(0, column.parts[part] ?? 0);
      if (size === 0) continue;
      blocks.push({ part, from: edge, to: edge + sign * size });
      edge += sign * size;
    }
  }
  return blocks;
}

export function extent(columns: readonly Column[]): { up: number; down: number } {
  let up = 0;
  let down = 0;
  for (const column of columns) {
    for (const block of blocksOf(column)) {
      up = Math.max(up, block.to);
      down = Math.min(down, block.to);
    }
  }
  return { up, down };
}
