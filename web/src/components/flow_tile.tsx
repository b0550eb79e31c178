import { useLocale } from '../i18n/locale';
import { directionOf, STALE_MS, type Leg, type NodeName } from '../lib/flow';
import { Figure } from './figure';
import { Icon, type IconName } from './icon';

const icons: Record<NodeName, IconName> = { pv: 'sun', grid: 'grid', battery: 'battery', house: 'house' };

interface Props {
  name: NodeName;
  value: number | null;
  age: number | null;
  stale: boolean;
  leg: Leg;
  foot?: string | null;
  soc?: { value: number | null; stale: boolean };
}

export function FlowTile({ name, value, age, stale, leg, foot, soc }: Props) {
  const { t, age: ageText } = useLocale();
  const { direction } = leg;
  const old = age !== null && age > STALE_MS; // unknown with fresh data: a part of the sum is missing
  const state =
    value === null ? (age === null || !old ? t('flow.noValue') : t('flow.unknownSince', { age: ageText(age) }))
    : direction !== 'unknown' ? t(`flow.${name}.${direction}`)
    : `${t(`flow.${name}.${directionOf(value)}`)} · ${t('app.ago', { age: ageText(age) })}`;
  return (
    <div class={`tile tile-${name} is-${direction}`} data-node={name} data-direction={direction}>
      <div class="tile-head">
        <span class="tile-icon"><Icon name={icons[name]} /></span>
        <span class="tile-label">
          <span class="tile-name">{t(`flow.${name}`)}</span>
          <span class="tile-state">{state}</span>
        </span>
      </div>
      <div class="tile-value"><Figure value={value} unit="W" age={age} quality={stale ? 'stale' : 'good'} magnitude /></div>
      {soc ? <Charge {...soc} /> : <div class="tile-foot">{foot ?? '\u00a0'}</div>}
    </div>
  );
}

function Charge({ value, stale }: { value: number | null; stale: boolean }) {
  const { t, quantity } = useLocale();
  if (value === null) return <div class="tile-foot">{t('flow.socUnknown')}</div>;
  const text = quantity(value, '%').text;
  return (
    <div class={`charge ${stale ? 'is-stale' : ''}`}>
      <div class="charge-track" role="meter" aria-label={t('flow.soc')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(value)} aria-valuetext={text}>
        <div class="charge-fill" style={{ width: `${Math.max(0, Math.min(100, value))}%` }} />
      </div>
      <span class="charge-text">{text}</span>
    </div>
  );
}
