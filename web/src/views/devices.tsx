import { useEffect, useState } from 'preact/hooks';
import type { Actions } from '../state/actions';
import type { Device } from '../api/types';
import type { State } from '../state/state';
import { BusCard } from '../components/bus_card';
import { DeviceCard } from '../components/device_card';
import { Icon } from '../components/icon';
import { Empty, Loading, ProblemNotice } from '../components/notice';
import { useLocale } from '../i18n/locale';
import { routeHref } from '../lib/router';

const REFRESH_MS = 5_000;
const MANY = 12; // devices that nobody looks through any more: from here on they can be searched

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
      {buses ? (
        <>
          <a class="button" href={routeHref('devices', null, { tab: 'line' })}><Icon name="plus" size={20} />{t('buses.add')}</a>
          <a class="button" href={routeHref('devices', null, { tab: 'sharing' })}><Icon name="devices" size={20} />{t('buses.sharing')}</a>
        </>
      ) : (
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
  return value.length > MANY ? <ManyDevices devices={value} wallNow={wallNow} /> : <DeviceList devices={value} wallNow={wallNow} />;
}

function DeviceList({ devices, wallNow }: { devices: readonly Device[]; wallNow: number }) {
  return <ul class="card device-list">{devices.map((device) => <DeviceCard key={device.id} device={device} now={wallNow} />)}</ul>;
}

// A device is looked for by whatever stands on its label, on its line or in its state.
function ManyDevices({ devices, wallNow }: { devices: readonly Device[]; wallNow: number }) {
  const { t } = useLocale();
  const [text, setText] = useState('');
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = devices.filter((device) => {
    const label = [device.name, device.id, device.maker, device.model, device.serial, device.bus, device.unit, t(`devices.use.${device.use}`), t(`devices.state.${device.state}`)].join(' ').toLowerCase();
    return words.every((word) => label.includes(word));
  });
  return (
    <>
      <div class="search-row">
        <div class="search">
          <Icon name="search" size={20} />
          <input type="search" class="input" aria-label={t('devices.search')} placeholder={t('devices.search')} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </div>
        <p class="muted nowrap" role="status">{t('devices.search.count', { found: found.length, all: devices.length })}</p>
      </div>
      {found.length ? <DeviceList devices={found} wallNow={wallNow} /> : <Empty icon="search" title={t('devices.search.none')} />}
    </>
  );
}

function Buses({ state, actions }: { state: State; actions: Actions }) {
  const { t } = useLocale();
  const { value, problem } = state.buses;
  if (problem && !value) return <ProblemNotice problem={problem} retry={() => void actions.loadBuses()} />;
  if (!value) return <Loading />;
  if (value.length === 0) return <Empty icon="bus" title={t('buses.empty')} />;
  return <div class="bus-list">{value.map((bus) => <BusCard key={bus.id} bus={bus} devices={state.devices.value ?? []} mayChange={state.session?.role === 'installer'} />)}</div>;
}
