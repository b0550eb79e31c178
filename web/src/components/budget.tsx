import type { BusBudget, Device } from '../api/types';
import { useLocale } from '../i18n/locale';
import { formatLatency } from '../lib/format';
import { routeHref } from '../lib/router';
import { Notice, Told } from './notice';

const FEW = 6; // devices that may be shown without being asked for

// What the gateway promises for the values control needs: new at the latest after so long, beside what was measured.
export function Budget({ budget, devices }: { budget: BusBudget; devices: readonly Device[] }) {
  const { t, locale, quantity } = useLocale();
  const upgrading = budget.refresh.flatMap((one) => one.upgrading_ms ?? []);
  const planned = quantity(budget.utilisation * 100, '%').text;
  return (
    <div class="budget">
      <div class="budget-head">
        <h3>{t('buses.budget')}</h3>
        <span class={`pill ${budget.verdict === 'too_much' ? 'state-offline' : 'state-online'}`}><span class="lamp-dot" />{t(`buses.budget.${budget.verdict}`)} · {planned}{budget.estimated ? ` · ${t('buses.budget.estimated')}` : ''}</span>
      </div>
      {budget.verdict === 'fits' || !budget.text ? null : <Notice tone="caution"><Told text={budget.text} said={budget} /></Notice>}
      {budget.spread.length ? (
        <ul class="budget-spread">
          {budget.spread.map((one) => (
            <li key={one.device}>{t('buses.budget.spread', { device: devices.find((device) => device.id === one.device)?.name ?? one.device, every: quantity(one.every_s, 's').text, wanted: quantity(one.wanted_s, 's').text })}</li>
          ))}
        </ul>
      ) : null}
      {budget.refresh.length ? (
        <details class="budget-devices" open={budget.refresh.length <= FEW}>
          <summary>{t('buses.budget.each', { worst: formatLatency(Math.max(...budget.refresh.map((one) => one.guaranteed_ms)) * 1000, locale) })}</summary>
          <table class="table budget-table" aria-label={t('buses.budget')}>
            <thead><tr><th scope="col">{t('buses.budget.device')}</th><th scope="col">{t('buses.budget.guaranteed')}</th><th scope="col">{t('buses.budget.measured')}</th></tr></thead>
            <tbody>
              {budget.refresh.map((one) => (
                <tr key={one.device} class={one.measured_ms !== null && one.measured_ms > one.guaranteed_ms ? 'is-over' : ''}>
                  <th scope="row"><a href={routeHref('devices', one.device)}>{devices.find((device) => device.id === one.device)?.name ?? one.device}</a></th>
                  <td>{formatLatency(one.guaranteed_ms * 1000, locale)}</td>
                  <td>{formatLatency(one.measured_ms === null ? null : one.measured_ms * 1000, locale)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {upgrading.length ? <p class="muted">{t('buses.budget.upgrading', { worst: formatLatency(Math.max(...upgrading) * 1000, locale) })}</p> : null}
        </details>
      ) : null}
    </div>
  );
}
