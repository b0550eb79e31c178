// One line between a place and the bar, and the bar itself. Width and dot rate follow power; an arrow says the direction
// also when nothing moves (a print, reduced motion).
import { DOT_GAP, type Leg, type NodeName } from '../lib/flow';

const ARROW = 11;
const beat = (leg: Leg) => ({ '--period': `${leg.period}s`, '--gap': `${DOT_GAP}px` });

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
    <svg class={`leg leg-${node} is-${leg.direction}`} x={x} overflow="visible" style={beat(leg)}>
      <line class="leg-line" x1={0} x2={0} y1={start} y2={neck} stroke-width={leg.width} />
      <path class="leg-arrow" d={`M${-half} ${neck}H${half}L0 ${end}Z`} />
      {leg.width >= 5
        ? <line class="leg-dots" x1={0} x2={0} y1={start + down * 2} y2={neck} stroke-width={Math.min(6, Math.max(2.5, leg.width / 2.5))} />
        : null}
    </svg>
  );
}

export function BarLine({ leg, y }: { leg: Leg; y: number }) {
  const moving = leg.direction === 'forward' || leg.direction === 'backward';
  const sign = leg.direction === 'backward' ? -1 : 1;
  return (
    <g class={`bar is-${leg.direction}`} style={beat(leg)}>
      <line class="bar-line" x1="14%" x2="86%" y1={y} y2={y} />
      {moving ? <line class="bar-dots" x1={sign > 0 ? '25%' : '75%'} x2={sign > 0 ? '75%' : '25%'} y1={y} y2={y} /> : null}
      {moving ? (
        <svg x="50%" y={y} overflow="visible">
          <path class="bar-arrow" d={`M${-9 * sign} -4.5l${6 * sign} 4.5l${-6 * sign} 4.5M0 -4.5l${6 * sign} 4.5l${-6 * sign} 4.5`} />
        </svg>
      ) : null}
    </g>
  );
}
