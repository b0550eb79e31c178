import { useEffect } from 'preact/hooks';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { EnergyBars } from '../charts/energy_bars';
import { FlowPicture } from '../components/flow_picture';
import { Icon } from '../components/icon';
import { LimitCard } from '../components/limit_card';
import { Empty, Loading, ProblemNotice } from '../components/notice';
import { RecentLogins } from '../components/recent_logins';
import { TodayCard } from '../components/today_card';
import { en, type MessageKey } from '../i18n/en';
import { useLocale } from '../i18n/locale';
import { sentenceValues } from '../i18n/translate';
import { routeHref } from '../lib/router';

const ENERGY_EVERY_MS = 60_000;

export function OverviewView({ state, actions, now }: { state: State; actions: Actions; now: number }) {
  const { t, locale } = useLocale();
  const { overview, connection, energy } = state;
  const lost = connection.kind === 'lost';
  const known = overview !== null;
  useEffect(() => {
    if (lost || !known) return; // the gateway's clock comes with the first values
    void actions.loadEnergy();
    const timer = setInterval(() => void actions.loadEnergy(), ENERGY_EVERY_MS);
    return () => clearInterval(timer);
  }, [lost, known]);

  if (!overview) return <Loading />;
  const key = `sentence.${overview.sentence.key}` as MessageKey;
  const sentence = key in en ? t(key, sentenceValues(overview.sentence.values, locale)) : t('sentence.unknown');
  const none = overview.sentence.key === 'no_devices';
  return (
    <div class="overview">
      <Sentence text={sentence} />
      <ActiveAlarms alarms={overview.alarms} />
      {state.showLogins && state.session ? <RecentLogins logins={state.session.last_logins} close={actions.loginsSeen} /> : null}
      {none ? (
        <Empty icon="devices" title={t('overview.noDevices.title')}>{t('overview.noDevices.text')}</Empty>
      ) : (
        <div class="overview-grid">
          <section class="card flow-card"><FlowPicture overview={overview} received={state.overviewReceived} now={now} lost={lost} /></section>
          <div class="overview-side">
            <TodayCard today={overview.today} />
            <LimitCard limit={overview.feed_in_limit} grid={lost ? null : overview.flow.grid_w.value} />
          </div>
          <section class="card day" aria-labelledby="day-title">
            <div class="day-head"><h2 id="day-title">{t('overview.day')}</h2><p class="muted">{t('overview.day.help')}</p></div>
            {energy.value ? (
              energy.value.pv_wh.some((v) => v !== null) || energy.value.house_wh.some((v) => v !== null) ? <EnergyBars energy={energy.value} /> : <p class="muted">{t('overview.day.empty')}</p>
            ) : energy.problem && !lost ? <ProblemNotice problem={energy.problem} retry={() => void actions.loadEnergy()} /> : <Loading />}
          </section>
        </div>
      )}
    </div>
  );
}

// Spoken by screen readers when what happens changes, not at every watt: numbers are left out of the live region.
function Sentence({ text }: { text: string }) {
  const gist = text.replace(/[\d.,\u2212]+/g, '').trim();
  return (
    <>
      <h1 class="sentence">{text}</h1>
      <p class="visually-hidden" aria-live="polite" key="live"><span key={gist}>{text}</span></p>
    </>
  );
}

function ActiveAlarms({ alarms }: { alarms: NonNullable<State['overview']>['alarms'] }) {
  const { plural } = useLocale();
  const count = alarms.critical + alarms.major + alarms.minor + alarms.warning;
  if (count === 0) return null;
  const severe = alarms.critical + alarms.major > 0;
  return (
    <a class={`attention ${severe ? 'is-severe' : ''}`} href={routeHref('alarms')}>
      <Icon name="warning" /><span>{plural('nav.alarms.count', count)}</span><Icon name="right" size={20} />
    </a>
  );
}
