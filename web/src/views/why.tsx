import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { DecisionItem } from '../components/decision_item';
import { Empty, Loading, ProblemNotice } from '../components/notice';
import { useLocale } from '../i18n/locale';
import { episodes } from '../lib/decisions';
import { fromInputValue, startOf, toInputValue } from '../lib/time';

export function WhyView({ state, actions, wallNow }: { state: State; actions: Actions; wallNow: number }) {
  const { t, zone } = useLocale();
  const { decisions, devices, whyFilter } = state;
  const [open, setOpen] = useState<string | null>(null);
  useEffect(() => {
    void actions.loadWhy({ device: null, before: null });
    if (!devices.value) void actions.loadDevices();
  }, []);

  const list = useMemo(() => episodes(decisions.value ?? []), [decisions.value]);
  const midnight = startOf('day', wallNow, zone);
  const key = (i: number) => `${list[i]!.newest.device}/${list[i]!.newest.role}/${list[i]!.all.at(-1)!.at}`;
  const shown = open ?? (list.length ? key(0) : null); // the newest is open until someone chooses
  return (
    <div class="page">
      <div class="page-head"><div><h1>{t('why.title')}</h1><p class="muted">{t('why.lead')}</p></div></div>
      <div class="filters">
        <label class="filter"><span>{t('why.device')}</span>
          <select class="input" value={whyFilter.device ?? ''} onChange={(event) => void actions.loadWhy({ ...whyFilter, device: event.currentTarget.value || null })}>
            <option value="">{t('why.allDevices')}</option>
            {(devices.value ?? []).map((device) => <option key={device.id} value={device.id}>{device.name}</option>)}
          </select>
        </label>
        <label class="filter"><span>{t('why.before')}</span>
          <input type="datetime-local" class="input" value={whyFilter.before === null ? '' : toInputValue(whyFilter.before - 60_000, zone)} max={toInputValue(wallNow, zone)}
            onChange={(event) => {
              const minute = fromInputValue(event.currentTarget.value, zone);
              void actions.loadWhy({ ...whyFilter, before: minute === null ? null : minute + 60_000 });
            }} />
        </label>
        {whyFilter.before === null ? null : <button type="button" class="button" onClick={() => void actions.loadWhy({ ...whyFilter, before: null })}>{t('why.now')}</button>}
      </div>
      {decisions.problem ? <ProblemNotice problem={decisions.problem} retry={() => void actions.loadWhy(whyFilter)} /> : null}
      {!decisions.value ? (decisions.problem ? null : <Loading />) : list.length === 0 ? (
        whyFilter.device || whyFilter.before ? <Empty icon="why" title={t('why.emptyFilter')} /> : <Empty icon="why" title={t('why.empty.title')}>{t('why.empty.text')}</Empty>
      ) : (
        <>
          <ul class="card decisions">
            {list.map((episode, i) => (
              <DecisionItem key={key(i)} episode={episode} device={devices.value?.find((one) => one.id === episode.newest.device)}
                today={episode.newest.at >= midnight} open={shown === key(i)} toggle={() => setOpen(shown === key(i) ? '' : key(i))} />
            ))}
          </ul>
          {state.whyComplete ? null : <button type="button" class="button more" onClick={() => void actions.moreWhy()}>{t('why.more')}</button>}
        </>
      )}
    </div>
  );
}
