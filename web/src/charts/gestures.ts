// Fingers on the chart: two pinch, one pans sideways; up and down still scroll the page (touch-action: pan-y).
import type uPlot from 'uplot';

interface Span { from: number; to: number } // s

export function touchGestures(done: (from: number, to: number) => void): uPlot.Plugin {
  const fingers = new Map<number, number>(); // pointer id -> x
  let start: { xs: number[]; span: Span } | null = null; // since the last finger came or went
  let origin: Span | null = null; // since the first finger came

  const begin = (u: uPlot) => {
    start = { xs: [...fingers.values()], span: { from: u.scales.x!.min!, to: u.scales.x!.max! } };
    origin ??= start.span;
  };
  return {
    hooks: {
      ready: (u) => {
        const { over } = u;
        over.addEventListener('pointerdown', (event) => {
          if (event.pointerType !== 'touch') return;
          fingers.set(event.pointerId, event.clientX);
          begin(u);
        });
        over.addEventListener('pointermove', (event) => {
          if (!fingers.has(event.pointerId) || !start) return;
          fingers.set(event.pointerId, event.clientX);
          const left = over.getBoundingClientRect().left;
          const next = moved(start.span, start.xs.map((x) => x - left), [...fingers.values()].map((x) => x - left), over.clientWidth);
          u.setScale('x', { min: next.from, max: next.to });
        });
        const end = (event: PointerEvent) => {
          if (!fingers.delete(event.pointerId)) return;
          if (fingers.size > 0) return begin(u);
          const was = origin;
          start = origin = null;
          const { min, max } = u.scales.x!;
          if (was && (min !== was.from || max !== was.to)) done(min!, max!);
        };
        over.addEventListener('pointerup', end);
        over.addEventListener('pointercancel', end);
      },
    },
  };
}

// Where the axis goes so that what was under each finger stays under it.
export function moved(span: Span, before: readonly number[], after: readonly number[], width: number): Span {
  const perPixel = (span.to - span.from) / width;
  const [b0, b1] = before;
  const [a0, a1] = after;
  if (b0 === undefined || a0 === undefined) return span;
  if (b1 === undefined || a1 === undefined || Math.abs(a1 - a0) < 8) {
    const shift = (b0 - a0) * perPixel;
    return { from: span.from + shift, to: span.to + shift };
  }
  const at0 = span.from + b0 * perPixel;
  const at1 = span.from + b1 * perPixel;
  const newPerPixel = (at1 - at0) / (a1 - a0);
  if (!(newPerPixel > 0)) return span;
  const from = at0 - a0 * newPerPixel;
  return { from, to: from + width * newPerPixel };
}
