import { useEffect } from 'preact/hooks';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { BusCard } from '../components/bus_card';
import { DeviceCard } from '../components/device_card';
import { Icon } from '../components/icon';
import { Empty, Loading, ProblemNotice } from '../components/notice';
import { useLocale } from '../i18n/locale';
import { routeHref } from '../lib/router';

const REFRESH_MS = 5_000;

export function DevicesView({ state, actions, wallNow, buses }: { state: State; actions: Actions; wallNow: number; buses: boolean }) {
  const { t } = useLocale();
  const lost = state.connection.kind === 'lost';
  useEffect(() => {
    if (lost) return;
    const refresh = () => {
      void actions.loadDevices();
      if (buses) void actions.loadBuses();
    };
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => clearInterval(timer);
  }, [buses, lost]);

  return (
    <div class="page">
      <div class="page-head">
        <h1>{t('devices.title')}</h1>
        <nav class="subtabs" aria-label={t('devices.title')}>
          <a href={routeHref('devices')} class="subtab" aria-current={buses ? undefined : 'page'}>{t('devices.tab.devices')}</a>
          <a href={routeHref('devices', null, { tab: 'buses' })} class="subtab" aria-current={buses ? 'page' : undefined}>{t('devices.tab.buses')}</a>
        </nav>
      </div>
      {state.session?.role === 'installer' ? <Tools buses={buses} /> : null}
      {buses ? <Buses state={state} actions={actions} /> : <Devices state={state} actions={actions} wallNow={wallNow} />}
    </div>
  );
}

function Tools({ buses }: { buses: boolean }) {
  const { t } = useLocale();
  return (
    <div class="buttons">
      {buses ? <a class="button" href={routeHref('devices', null, { tab: 'line' })}><Icon name="plus" size={20} />{t('buses.add')}</a> : (
        <>
          <a class="button button-strong" href={routeHref('devices', null, { tab: 'find' })}><Icon name="search" size={20} />{t('devices.find')}</a>
          <a class="button" href={routeHref('devices', null, { tab: 'add' })}><Icon name="plus" size={20} />{t('devices.add')}</a>
        </>
      )}
    </div>
  );
}

function Devices({ state, actions, wallNow }: { state: State; actions: Actions; wallNow: number }) {
  const { t } = useLocale();
  const { value, problem } = state.devices;
  if (problem && !value) return <ProblemNotice problem={problem} retry={() => void actions.loadDevices()} />;
  if (!value) return <Loading />;
  if (value.length === 0) return <Empty icon="devices" title={t('devices.empty.title')}>{t('devices.empty.text')}</Empty>;
  return <ul class="card device-list">{value.map((device) => <DeviceCard key={device.id} device={device} now={wallNow} />)}</ul>;
}

function Buses({ state, actions }: { state: State; actions: Actions }) {
  const { t } = useLocale();
  const { value, problem } = state.buses;
  if (problem && !value) return <ProblemNotice problem={problem} retry={() => void actions.loadBuses()} />;
  if (!value) return <Loading />;
  if (value.length === 0) return <Empty icon="bus" title={t('buses.empty')} />;
  return <div class="bus-list">{value.map((bus) => <BusCard key={bus.id} bus={bus} devices={state.devices.value ?? []} mayChange={state.session?.role === 'installer'} />)}</div>;
}
