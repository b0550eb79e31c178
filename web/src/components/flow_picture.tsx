// The live picture: four places on one bar. Every line is what a meter says; nothing is apportioned.
import { useEffect, useRef } from 'preact/hooks';
import type { Overview } from '../api/types';
import { useLocale } from '../i18n/locale';
import { alongBar, flowScale, legFor, ownShare, STALE_MS, type NodeName } from '../lib/flow';
import { letTravel } from '../lib/travel';
import { formatExact } from '../lib/format';
import { ageNow } from '../state/reducer';
import { FlowTile } from './flow_tile';
import { BarDots, BarLine, FlowLeg, LegDots } from './flow_leg';

interface Props {
  overview: Overview;
  received: number;
  now: number;
  lost: boolean; // no live connection: the last values are shown, nothing moves
}

const MIDDLE = 148; // px between the two rows of tiles
const BAR = MIDDLE / 2;

export function FlowPicture({ overview, received, now, lost }: Props) {
  const { t, quantity, locale } = useLocale();
  const { flow, today } = overview;
  const scale = flowScale(flow);
  const middle = useRef<HTMLDivElement>(null);
  useEffect(() => (middle.current ? letTravel(middle.current) : undefined), []);
  const node = (name: NodeName) => {
    const { value, age_ms } = flow[`${name}_w`];
    const age = ageNow(age_ms, received, now);
    const stale = lost || (age !== null && age > STALE_MS);
    return { name, value, age, stale, leg: legFor(stale ? null : value, scale) };
  };
  const [pv, grid, battery, house] = [node('pv'), node('grid'), node('battery'), node('house')];
  const socAge = ageNow(flow.battery_soc.age_ms, received, now);
  const bar = legFor([pv, grid, battery, house].some((n) => n.stale) ? null : alongBar(flow), scale);
  const share = ownShare(flow);

  return (
    <section class="flow" aria-label={t('flow.title')}>
      <FlowTile {...pv} foot={today.pv_wh === null ? null : t('flow.today', { energy: quantity(today.pv_wh, 'Wh').text })} />
      <FlowTile {...grid} foot={gridFoot(overview, t, quantity)} />
      <div class="flow-middle" ref={middle} aria-hidden="true">
        <svg class="flow-lines" height={MIDDLE}>
        <BarLine leg={bar} y={BAR} />
        <FlowLeg node="pv" leg={pv.leg} x="25%" from={0} to={BAR - 7} />
        <FlowLeg node="grid" leg={grid.leg} x="75%" from={0} to={BAR - 7} />
        <FlowLeg node="battery" leg={battery.leg} x="25%" from={MIDDLE} to={BAR + 7} />
        <FlowLeg node="house" leg={house.leg} x="75%" from={BAR + 7} to={MIDDLE} />
      </svg>
      <BarDots leg={bar} y={BAR} />
      <LegDots leg={pv.leg} x="25%" from={0} to={BAR - 7} />
      <LegDots leg={grid.leg} x="75%" from={0} to={BAR - 7} />
      <LegDots leg={battery.leg} x="25%" from={MIDDLE} to={BAR + 7} />
      <LegDots leg={house.leg} x="75%" from={BAR + 7} to={MIDDLE} />
      </div>
      <FlowTile {...battery} soc={{ value: flow.battery_soc.value, stale: lost || (socAge !== null && socAge > STALE_MS) }} />
      <FlowTile {...house} foot={share === null ? null : t('flow.ownShare', { percent: quantity(share, '%').text })} />
      <p class="flow-scale">{t('flow.scale', { power: formatExact(scale / 1000, 'kW', locale) })}</p>
    </section>
  );
}

function gridFoot(overview: Overview, t: ReturnType<typeof useLocale>['t'], quantity: ReturnType<typeof useLocale>['quantity']) {
  const { limit_w, active } = overview.feed_in_limit;
  if (limit_w === null) return null;
  return active ? t('flow.limitActive') : t('flow.limit', { power: quantity(limit_w, 'W').text });
}
