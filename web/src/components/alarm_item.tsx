import type { Alarm, Device } from '../api/types';
import { en, type MessageKey } from '../i18n/en';
import { DAY_CLOCK, useLocale } from '../i18n/locale';
import { routeHref } from '../lib/router';
import { Icon } from './icon';
import { said } from './setpoint_words';

interface ListProps { alarms: readonly Alarm[]; devices: readonly Device[]; now: number }

// One entry for each kind of alarm, however many devices raise it: twenty of the same are one thing to do.
export function AlarmList(props: ListProps) {
  const kinds = new Map<string, Alarm[]>();
  for (const alarm of props.alarms) {
    const kind = alarm.cleared === null ? `${alarm.name} ${alarm.severity}` : keyOf(alarm);
    kinds.set(kind, [...(kinds.get(kind) ?? []), alarm]);
  }
  return <ul class="card alarm-list">{[...kinds.values()].map((some) => <AlarmItem key={keyOf(some[0]!)} {...props} alarms={some} />)}</ul>;
}

const keyOf = (alarm: Alarm): string => `${alarm.id}/${alarm.cause}/${alarm.source}/${alarm.raised}`;

function AlarmItem({ alarms, devices, now }: ListProps) {
  const { t, time, age, locale } = useLocale();
  const alarm = alarms.reduce((oldest, one) => (one.raised < oldest.raised ? one : oldest));
  const known = `alarm.${alarm.name}` in en; // a newer gateway may know more
  const foreign = locale.startsWith('en') ? undefined : 'en';
  return (
    <li class={`alarm severity-${alarm.severity} ${alarm.cleared === null ? '' : 'is-cleared'}`}>
      <Icon name={alarm.cleared === null ? 'warning' : 'check'} />
      <div class="alarm-body">
        <p class="alarm-title">{known ? t(`alarm.${alarm.name}` as MessageKey) : <span lang={foreign}>{alarm.text}</span>}</p>
        {alarms.length === 1 ? <Source alarm={alarm} devices={devices} known={known} /> : (
          <details class="alarm-sources">
            <summary>{t('alarms.places', { count: alarms.length })}</summary>
            <ul>{alarms.map((one) => <li key={keyOf(one)}><Source alarm={one} devices={devices} known={known} /></li>)}</ul>
          </details>
        )}
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

function Source({ alarm, devices, known }: { alarm: Alarm; devices: readonly Device[]; known: boolean }) {
  const { t, role, retell, language } = useLocale();
  const device = devices.find((one) => one.id === alarm.source);
  const here = retell(alarm);
  const where = alarm.source === 'site' ? t('alarms.site') : device?.name ?? alarm.source;
  return (
    <p class="alarm-detail">
      {device ? <a href={routeHref('devices', device.id)}><b>{where}</b></a> : <b>{where}</b>}
      {known ? <>: <span lang={here === null && language !== 'en' ? 'en' : undefined}>{here ?? said(alarm.text, role)}</span></> : null}
    </p>
  );
}
