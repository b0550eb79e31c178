import type { Device } from '../api/types';
import { useLocale } from '../i18n/locale';
import { routeHref } from '../lib/router';
import { Icon, type IconName } from './icon';
import { Told } from './notice';

const icons: Record<Device['use'], IconName> = { grid_meter: 'grid', pv: 'sun', hybrid: 'battery', battery: 'battery', charger: 'limit', sub_meter: 'limit' };

export function DeviceState({ state }: { state: Device['state'] }) {
  const { t } = useLocale();
  return <span class={`pill state-${state}`}><span class="lamp-dot" />{t(`devices.state.${state}`)}</span>;
}

export function DeviceCard({ device, now }: { device: Device; now: number }) {
  const { t, age } = useLocale();
  return (
    <li class={`device is-${device.state}`}>
      <a class="device-link" href={routeHref('devices', device.id)}>
        <span class={`device-icon use-${device.use}`}><Icon name={icons[device.use]} /></span>
        <span class="device-main">
          <span class="device-name">{device.name}</span>
          <span class="device-kind">{t(`devices.use.${device.use}`)} · {[device.maker, device.model].filter(Boolean).join(' ')}</span>
          {device.problem ? <span class="device-problem"><Icon name="warning" size={16} /><Told text={device.problem} said={device.problem_said} /></span> : null}
        </span>
        <span class="device-side">
          <DeviceState state={device.state} />
          <span class="device-age">{t('devices.lastData')}: {device.last_data === null ? t('app.never') : t('app.ago', { age: age(Math.max(0, now - device.last_data)) })}</span>
        </span>
        <Icon name="right" size={20} />
      </a>
    </li>
  );
}
