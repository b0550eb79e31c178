// One line between a place and the bar, and the bar itself. Width and dot rate follow power; an arrow says the direction
// also when nothing moves (a print, reduced motion).
import { DOT_GAP, type Leg, type NodeName } from '../lib/flow';

const ARROW = 11;
const isMoving = (leg: Leg) => leg.direction === 'forward' || leg.direction === 'backward';

// `from` and `to` are where a positive value starts and ends, px; a negative value runs the other way.
export function FlowLeg({ node, leg, x, from, to }: { node: NodeName; leg: Leg; x: string; from: number; to: number }) {
  if (leg.direction === 'unknown' || leg.direction === 'still') {
    return <line class={`leg-${leg.direction}`} x1={x} x2={x} y1={from} y2={to} />;
  }
  const [start, end] = leg.direction === 'forward' ? [from, to] : [to, from];
  const down = end > start ? 1 : -1;
  const half = leg.width / 2 + 5;
  const neck = end - down * ARROW;
  return (
    <svg class={`leg leg-${node} is-${leg.direction}`} x={x} overflow="visible">
      <line class="leg-line" x1={0} x2={0} y1={start} y2={neck} stroke-width={leg.width} />
      <path class="leg-arrow" d={`M${-half} ${neck}H${half}L0 ${end}Z`} />
    </svg>
  );
}

export function BarLine({ leg, y }: { leg: Leg; y: number }) {
  const moving = isMoving(leg);
  const sign = leg.direction === 'backward' ? -1 : 1;
  return (
    <g class={`bar is-${leg.direction}`}>
      <line class="bar-line" x1="14%" x2="86%" y1={y} y2={y} />
      {moving ? (
        <svg x="50%" y={y} overflow="visible">
          <path class="bar-arrow" d={`M${-9 * sign} -4.5l${6 * sign} 4.5l${-6 * sign} 4.5M0 -4.5l${6 * sign} 4.5l${-6 * sign} 4.5`} />
        </svg>
      ) : null}
    </g>
  );
}

// The dots that travel inside a line lie above the picture, each row a layer of its own that is only shifted (lib/travel.ts).
function Dots({ leg, size, way, box }: { leg: Leg; size: number; way: 'down' | 'up' | 'right' | 'left'; box: Readonly<Record<string, string>> }) {
  const isForward = way === 'down' || way === 'right';
  return (
    <span class={`dots is-${way}`} style={{ '--gap': `${DOT_GAP}px`, '--dot': `${size}px`, ...box }}>
      <i data-period={leg.period} data-gap={isForward ? DOT_GAP : -DOT_GAP} data-axis={way === 'down' || way === 'up' ? 'Y' : 'X'} />
    </span>
  );
}

export function LegDots({ leg, x, from, to }: { leg: Leg; x: string; from: number; to: number }) {
  if (!isMoving(leg) || leg.width < 5) return null;
  const [start, end] = leg.direction === 'forward' ? [from, to] : [to, from];
  const isDown = end > start;
  const box = { left: x, top: `${isDown ? start + 2 : end + ARROW}px`, height: `${Math.abs(end - start) - ARROW - 2}px` };
  return <Dots leg={leg} size={Math.min(6, Math.max(2.5, leg.width / 2.5))} way={isDown ? 'down' : 'up'} box={box} />;
}

export function BarDots({ leg, y }: { leg: Leg; y: number }) {
  return isMoving(leg) ? <Dots leg={leg} size={4} way={leg.direction === 'forward' ? 'right' : 'left'} box={{ top: `${y}px` }} /> : null;
}
