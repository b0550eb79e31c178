import type { Alarm, Device } from '../api/types';
import { en, type MessageKey } from '../i18n/en';
import { DAY_CLOCK, useLocale } from '../i18n/locale';
import { Icon } from './icon';
import { said } from './setpoint_words';

export function AlarmItem({ alarm, devices, now }: { alarm: Alarm; devices: readonly Device[]; now: number }) {
  const { t, time, age, role, locale } = useLocale();
  const known = `alarm.${alarm.name}` in en; // a newer gateway may know more
  const foreign = locale.startsWith('en') ? undefined : 'en';
  const detail = said(alarm.text, role);
  const where = alarm.source === 'site' ? t('alarms.site') : devices.find((one) => one.id === alarm.source)?.name ?? alarm.source;
  return (
    <li class={`alarm severity-${alarm.severity} ${alarm.cleared === null ? '' : 'is-cleared'}`}>
      <Icon name={alarm.cleared === null ? 'warning' : 'check'} />
      <div class="alarm-body">
        <p class="alarm-title">{known ? t(`alarm.${alarm.name}` as MessageKey) : <span lang={foreign}>{detail}</span>}</p>
        <p class="alarm-detail"><b>{where}</b>{known ? <>: <span lang={foreign}>{detail}</span></> : null}</p>
        <p class="alarm-suggestion">{known ? t(`alarm.${alarm.name}.help` as MessageKey) : <span lang={foreign}>{alarm.suggestion}</span>}</p>
      </div>
      <p class="alarm-meta">
        <span class="pill">{t(`alarms.severity.${alarm.severity}`)}</span>
        <time dateTime={new Date(alarm.raised).toISOString()} title={time(alarm.raised, DAY_CLOCK)}>
          {alarm.cleared === null ? t('app.ago', { age: age(now - alarm.raised) }) : t('alarms.lasted', { time: time(alarm.raised, DAY_CLOCK), age: age(alarm.cleared - alarm.raised) })}
        </time>
      </p>
    </li>
  );
}
