import { useEffect } from 'preact/hooks';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { AlarmList } from '../components/alarm_item';
import { Empty, Loading, ProblemNotice } from '../components/notice';
import { useLocale } from '../i18n/locale';

export function AlarmsView({ state, actions, wallNow }: { state: State; actions: Actions; wallNow: number }) {
  const { t } = useLocale();
  const { value, problem } = state.alarms;
  const devices = state.devices.value ?? [];
  useEffect(() => void actions.loadAlarms(), [state.connection.kind === 'lost']);
  useEffect(() => {
    if (!state.devices.value) void actions.loadDevices();
  }, []);
  const active = value?.filter((alarm) => alarm.cleared === null) ?? [];
  const past = value?.filter((alarm) => alarm.cleared !== null) ?? [];
  return (
    <div class="page">
      <div class="page-head"><h1>{t('alarms.title')}</h1></div>
      {problem && !value ? <ProblemNotice problem={problem} retry={() => void actions.loadAlarms()} /> : null}
      {!value ? (problem ? null : <Loading />) : (
        <>
          {active.length === 0 ? <Empty icon="check" title={t('alarms.none')} /> : (
            <section aria-labelledby="active-title"><h2 id="active-title" class="section-title">{t('alarms.active')}</h2>
              <AlarmList alarms={active} devices={devices} now={wallNow} />
            </section>
          )}
          <section aria-labelledby="past-title"><h2 id="past-title" class="section-title">{t('alarms.past')}</h2>
            {past.length === 0 ? <p class="muted">{t('alarms.nonePast')}</p> : <AlarmList alarms={past} devices={devices} now={wallNow} />}
          </section>
        </>
      )}
    </div>
  );
}
