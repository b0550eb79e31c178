import type { Device, Statistics } from '../api/types';
import { useLocale } from '../i18n/locale';
import { formatCount, formatLatency } from '../lib/format';
import { Icon } from './icon';
import type { MessageKey } from '../i18n/en';

export function Facts({ rows }: { rows: ReadonlyArray<readonly [label: string, value: string]> }) {
  return <dl class="facts">{rows.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value || '–'}</dd></div>)}</dl>;
}

export function About({ device }: { device: Device }) {
  const { t } = useLocale();
  return (
    <section class="card" aria-labelledby="about-title">
      <h2 id="about-title">{t('devices.about')}</h2>
      <Facts rows={[
        [t('devices.maker'), device.maker], [t('devices.model'), device.model], [t('devices.serial'), device.serial], [t('devices.firmware'), device.firmware],
        [t('devices.bus'), device.bus], [t('devices.unit'), String(device.unit)], [t('devices.profile'), device.profile],
        [t('devices.verified'), t(`devices.verified.${device.verified}`)],
        [t('devices.capabilities'), device.capabilities.map((one) => capabilityName(one, t)).join(', ')],
      ]} />
    </section>
  );
}

const CAPABILITIES: readonly string[] = ['meters_power', 'produces_ac', 'produces_pv', 'stores_energy', 'sets_battery_power', 'limits_feed_in',
  'charges_cars', 'limits_charging', 'senses_weather'];
function capabilityName(capability: string, t: ReturnType<typeof useLocale>['t']): string {
  return CAPABILITIES.includes(capability) ? t(`capability.${capability}` as MessageKey) : capability;
}

export function Fallback({ fallback }: { fallback: Device['fallback'] }) {
  const { t, role, age, named } = useLocale();
  const keeps = fallback.some((one) => !one.reverts);
  return (
    <section class="card fallback" aria-labelledby="fallback-title">
      <h2 id="fallback-title">{t('devices.fallback')}</h2>
      {fallback.length === 0 ? <p class="muted">{t('devices.fallback.none')}</p> : null}
      <ul class="fallback-list">
        {fallback.map((one) => (
          <li key={one.role} class={one.reverts ? '' : 'keeps'}>
            <Icon name={one.reverts ? 'check' : 'warning'} size={20} />
            <span>
              {one.reverts
                ? one.after_s === null ? t('devices.fallback.revertsSoon', { role: role(one.role), to: named(one.to) }) : t('devices.fallback.reverts', { role: role(one.role), time: age(one.after_s * 1000), to: named(one.to) })
                : t('devices.fallback.keeps', { role: role(one.role) })}
            </span>
          </li>
        ))}
      </ul>
      {keeps ? <p class="muted">{t('devices.fallback.keepsNote')}</p> : null}
    </section>
  );
}

export function Traffic({ statistics }: { statistics: Statistics }) {
  const { t, locale } = useLocale();
  const { requests, answers, timeouts, crc_errors, exceptions, latency_us_p50, latency_us_p99 } = statistics;
  return (
    <section class="card" aria-labelledby="traffic-title">
      <h2 id="traffic-title">{t('devices.statistics')}</h2>
      <Facts rows={[
        [t('devices.requests'), formatCount(requests, locale)], [t('devices.answers'), `${formatCount(answers, locale)} (${answeredShare(statistics, locale)})`],
        [t('devices.timeouts'), formatCount(timeouts, locale)], [t('devices.crcErrors'), formatCount(crc_errors, locale)], [t('devices.exceptions'), formatCount(exceptions, locale)],
        [t('devices.latency50'), formatLatency(answers ? latency_us_p50 : null, locale)], [t('devices.latency99'), formatLatency(answers ? latency_us_p99 : null, locale)],
      ]} />
    </section>
  );
}

// 99.96 % must not round to 100 %: one lost answer is to be seen.
// A refusal is an answer: who refuses is there.
export function answeredShare({ requests, answers, exceptions }: Pick<Statistics, 'requests' | 'answers' | 'exceptions'>, locale: string): string {
  if (requests === 0) return '–';
  const heard = answers + exceptions;
  const share = heard >= requests ? 100 : Math.min(99.99, Math.floor((heard / requests) * 10_000) / 100);
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(share)}\u00a0%`;
}
