import type { Alarm } from '../api/types';
import { DAY_CLOCK, useLocale } from '../i18n/locale';
import { Icon } from './icon';

export function AlarmItem({ alarm, now }: { alarm: Alarm; now: number }) {
  const { t, time, age, locale } = useLocale();
  return (
    <li class={`alarm severity-${alarm.severity} ${alarm.cleared === null ? '' : 'is-cleared'}`}>
      <Icon name={alarm.cleared === null ? 'warning' : 'check'} />
      <div class="alarm-body" lang={locale.startsWith('en') ? undefined : 'en'}>
        <p class="alarm-text">{alarm.text}</p>
        <p class="alarm-suggestion">{alarm.suggestion}</p>
      </div>
      <p class="alarm-meta">
        <span class="pill">{t(`alarms.severity.${alarm.severity}`)}</span>
        <span>{alarm.source}</span>
        <time dateTime={new Date(alarm.raised).toISOString()} title={time(alarm.raised, DAY_CLOCK)}>
          {alarm.cleared === null ? t('app.ago', { age: age(now - alarm.raised) }) : `${time(alarm.raised, DAY_CLOCK)} – ${time(alarm.cleared, DAY_CLOCK)}`}
        </time>
      </p>
    </li>
  );
}
