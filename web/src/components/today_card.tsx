import type { Today } from '../api/types';
import { useLocale } from '../i18n/locale';
import { Figure } from './figure';

const rows = [
  ['pv', 'pv_wh'], ['house', 'house_wh'], ['import', 'import_wh'], ['export', 'export_wh'],
  ['charged', 'charged_wh'], ['discharged', 'discharged_wh'],
] as const;

export function TodayCard({ today }: { today: Today }) {
  const { t } = useLocale();
  return (
    <section class="card today" aria-labelledby="today-title">
      <h2 id="today-title">{t('overview.today')}</h2>
      <div class="rings">
        <Ring label={t('overview.selfConsumption')} help={t('overview.selfConsumption.help')} value={today.self_consumption_percent} tone="pv" />
        <Ring label={t('overview.autarky')} help={t('overview.autarky.help')} value={today.autarky_percent} tone="battery" />
      </div>
      <dl class="sums">
        {rows.map(([name, key]) => (
          <div key={name} class={`sum sum-${name}`}>
            <dt><span class="swatch" />{t(`overview.today.${name}`)}</dt>
            <dd><Figure value={today[key]} unit="Wh" /></dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const RADIUS = 26;
const AROUND = 2 * Math.PI * RADIUS;

function Ring({ label, help, value, tone }: { label: string; help: string; value: number | null; tone: 'pv' | 'battery' }) {
  const share = value === null ? 0 : Math.max(0, Math.min(1, value / 100));
  return (
    <div class="ring">
      <div class="ring-dial"><svg viewBox="0 0 60 60" width="72" height="72" aria-hidden="true">
        <circle class={`ring-track ${value === null ? 'is-unknown' : ''}`} cx="30" cy="30" r={RADIUS} />
        {share > 0 ? <circle class={`ring-fill tone-${tone}`} cx="30" cy="30" r={RADIUS} stroke-dasharray={`${share * AROUND} ${AROUND}`} /> : null}
      </svg><p class="ring-value"><Figure value={value} unit="%" /></p></div>
      <div>
        <p class="ring-label">{label}</p>
        <p class="ring-help">{help}</p>
      </div>
    </div>
  );
}
