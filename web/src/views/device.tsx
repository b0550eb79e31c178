import { useEffect, useState } from 'preact/hooks';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { About, Fallback, Traffic } from '../components/device_facts';
import { DeviceChanges } from '../components/device_changes';
import { DeviceState } from '../components/device_card';
import { Icon } from '../components/icon';
import { Loading, Notice, ProblemNotice, Told } from '../components/notice';
import { PointsTable } from '../components/points_table';
import { useLocale } from '../i18n/locale';
import { maybeAbsent } from '../lib/points';
import { routeHref } from '../lib/router';

const REFRESH_MS = 5_000;

export function DeviceView({ state, actions, id, now, wallNow }: { state: State; actions: Actions; id: string; now: number; wallNow: number }) {
  const { t, age } = useLocale();
  const lost = state.connection.kind === 'lost';
  useEffect(() => {
    if (lost) return;
    void actions.loadDevices();
    const timer = setInterval(() => void actions.loadDevices(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [lost]);

  const points = [...state.points.values()].filter((point) => point.device === id);
  const doubtful = points.filter(maybeAbsent).map((point) => point.id);
  const [absent, setAbsent] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    let current = true;
    if (doubtful.length && !lost) void actions.neverGood(doubtful).then((found) => current && setAbsent(found));
    return () => { current = false; };
  }, [doubtful.join(), lost]);

  const { value, problem } = state.devices;
  const back = <a class="back" href={routeHref('devices')}><Icon name="left" size={20} />{t('devices.back')}</a>;
  if (problem && !value) return <div class="page">{back}<ProblemNotice problem={problem} retry={() => void actions.loadDevices()} /></div>;
  if (!value) return <Loading />;
  const device = value.find((one) => one.id === id);
  if (!device) return <div class="page">{back}<Notice tone="caution">{t('devices.notFound', { id })}</Notice></div>;
  const isInstaller = state.session?.role === 'installer';
  const mayChange = isInstaller || state.session?.role === 'owner';
  const setup = routeHref('devices', id, { tab: 'setup' });
  const unfitted = device.state === 'online' ? points.filter((point) => maybeAbsent(point) && absent.has(point.id)) : [];
  return (
    <div class="page">
      {back}
      <div class="page-head">
        <div>
          <h1>{device.name}</h1>
          <p class="muted">{[t(`devices.use.${device.use}`), t('devices.where', { unit: device.unit, bus: device.bus }), device.serial ? `SN ${device.serial}` : ''].filter(Boolean).join(' · ')}</p>
          <p class="muted">{t('devices.lastData')}: {device.last_data === null ? t('app.never') : t('app.ago', { age: age(Math.max(0, wallNow - device.last_data)) })}</p>
        </div>
        <div class="head-side">
          <DeviceState state={device.state} />
          {mayChange ? <a class="button" href={setup}><Icon name="settings" size={20} />{t('devices.setup')}</a> : null}
        </div>
      </div>
      {device.problem ? <Notice tone="caution" action={device.state === 'quarantined' && isInstaller ? <a class="button" href={setup}>{t('devices.replace')}</a> : null}><Told text={device.problem} said={device.problem_said} /></Notice> : null}
      {device.firmware_support.verdict === 'unsupported' ? <Notice tone="caution" title={t('devices.firmware.unsupported', { version: device.firmware })}><Told text={device.firmware_support.text} said={device.firmware_support} /></Notice> : null}
      <div class="device-grid">
        <section class="card" aria-labelledby="points-title">
          <h2 id="points-title">{t('devices.points')}</h2>
          {points.length ? <PointsTable points={points.filter((point) => !unfitted.includes(point))} unfitted={unfitted} now={now} lost={lost} /> : <p class="muted">{t('app.never')}</p>}
        </section>
        <div class="device-aside">
          <Fallback fallback={device.fallback} />
          <Traffic statistics={device.statistics} />
          <About device={device} />
          {isInstaller ? <DeviceChanges device={device} actions={actions} /> : null}
        </div>
      </div>
    </div>
  );
}
