import type { Bus, Device } from '../api/types';
import { useLocale } from '../i18n/locale';
import { formatBytes, formatCount, formatLatency } from '../lib/format';
import { routeHref } from '../lib/router';
import { Budget } from './budget';
import { answeredShare } from './device_facts';
import { Icon } from './icon';
import { Notice, Told } from './notice';

export function BusCard({ bus, devices, mayChange }: { bus: Bus; devices: readonly Device[]; mayChange: boolean }) {
  const { t, locale, quantity } = useLocale();
  const use = Math.round(bus.utilisation * 100);
  return (
    <section class="card bus" aria-label={bus.id}>
      <div class="bus-head">
        <span class="device-icon"><Icon name="bus" /></span>
        <div class="device-main"><h2>{bus.id}</h2><p class="muted bus-link">{bus.link}</p></div>
        <span class={`pill ${bus.connected ? 'state-online' : 'state-offline'}`}><span class="lamp-dot" />{t(bus.connected ? 'buses.connected' : 'buses.disconnected')}</span>
      </div>
      {bus.problem ? <Notice tone="caution"><Told text={bus.problem} said={bus.problem_said} /></Notice> : null}
      <div class="bus-use">
        <span class="bus-use-label">{t('buses.utilisation')}</span>
        <div class="meter" role="meter" aria-label={t('buses.utilisation')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={use}><div class="meter-fill" style={{ width: `${use}%` }} /></div>
        <b>{quantity(bus.utilisation * 100, '%').text}</b>
      </div>
      {bus.budget ? <Budget budget={bus.budget} devices={devices} /> : null}
      <dl class="facts facts-row">
        <div><dt>{t('buses.traffic')}</dt><dd>{formatBytes(bus.bytes_in, locale)} / {formatBytes(bus.bytes_out, locale)}</dd></div>
        <div><dt>{t('buses.reconnects')}</dt><dd>{formatCount(bus.reconnects, locale)}</dd></div>
      </dl>
      <Units bus={bus} devices={devices} />
      {mayChange ? (
        <div class="buttons">
          <a class="button" aria-label={t('buses.monitorNamed', { bus: bus.id })} href={routeHref('devices', null, { tab: 'monitor', bus: bus.id })}><Icon name="eye" size={20} />{t('buses.monitor')}</a>
          <a class="button" aria-label={t('buses.editNamed', { bus: bus.id })} href={routeHref('devices', null, { tab: 'line', bus: bus.id })}>{t('buses.edit')}</a>
        </div>
      ) : null}
    </section>
  );
}

const FEW = 8; // devices that are shown without being asked for

function Units({ bus, devices }: { bus: Bus; devices: readonly Device[] }) {
  const { t, plural, locale } = useLocale();
  const silent = bus.units.filter((unit) => unit.silent).length;
  return (
    <details class="bus-units" open={bus.units.length <= FEW || silent > 0}>
      <summary>
        <b>{plural('buses.units', bus.units.length)}</b>
        {silent ? <span class="quality"><Icon name="clock" size={16} />{plural('buses.units.silent', silent)}</span> : null}
      </summary>
      <table class="table bus-table" aria-label={t('buses.devices')}>
        <thead><tr><th scope="col">{t('buses.unit')}</th><th scope="col">{t('buses.answered')}</th><th scope="col">{t('buses.latency')}</th><th scope="col">{t('devices.exceptions')}</th><th scope="col">{t('buses.errors')}</th></tr></thead>
        <tbody>
          {bus.units.map((unit) => {
            const device = devices.find((one) => one.bus === bus.id && one.unit === unit.unit);
            return (
              <tr key={unit.unit}>
                <th scope="row"><span class="bus-unit">{unit.unit}</span> {device ? <a href={routeHref('devices', device.id)}>{device.name}</a> : null}{unit.silent ? <span class="quality"><Icon name="clock" size={16} />{t('buses.silent')}</span> : null}</th>
                <td>{answeredShare(unit, locale)}</td>
                <td title={unit.answers ? t('buses.latency99', { time: formatLatency(unit.latency_us_p99, locale) }) : undefined}><span>{formatLatency(unit.answers ? unit.latency_us_p50 : null, locale)}</span>{unit.answers ? <> <span class="below">/ {formatLatency(unit.latency_us_p90, locale)}</span></> : null}</td>
                <td>{formatCount(unit.exceptions, locale)}</td>
                <td>{formatCount(unit.timeouts, locale)} / {formatCount(unit.crc_errors, locale)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </details>
  );
}
