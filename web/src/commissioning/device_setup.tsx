// What an installer changes about one device: name and use, its own settings, firmware, replacement, removal.
import { useEffect, useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Device, Problem, Use } from '../api/types';
import { Choice, Field, TextInput } from '../components/inputs';
import { Loading, Notice } from '../components/notice';
import { useLocale } from '../i18n/locale';
import { routeHref } from '../lib/router';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { DeviceSettings } from './device_settings';
import { decimal, isName, isSerial } from './fields';
import { FirmwareCard } from './firmware';
import { Back, Failure, UseField, useRefusal } from './parts';
import { ReplaceCard } from './replace';
import { Wiring } from './wiring';
import { useWords } from './words';

export function DeviceSetup({ state, actions, id }: { state: State; actions: Actions; id: string }) {
  const { t } = useLocale();
  const say = useWords();
  useEffect(() => {
    void actions.loadDevices();
    void actions.loadBuses();
  }, []);
  const device = state.devices.value?.find((one) => one.id === id);
  if (!state.devices.value) return <Loading />;
  if (!device) return <div class="page"><Back>{t('devices.back')}</Back><Notice tone="caution">{t('devices.notFound', { id })}</Notice></div>;
  const isInstaller = state.session?.role === 'installer';
  return (
    <div class="page narrow">
      <Back to={routeHref('devices', id)}>{say('setup.back', { name: device.name })}</Back>
      <div class="page-head"><h1>{say('setup.title', { name: device.name })}</h1></div>
      {isInstaller ? <General key={device.id} device={device} actions={actions} /> : null}
      {device.state === 'offline' ? <Wiring /> : null}
      <DeviceSettings device={device} actions={actions} isInstaller={isInstaller} />
      {isInstaller ? <FirmwareCard device={device} actions={actions} /> : null}
      {isInstaller ? <ReplaceCard device={device} actions={actions} buses={state.buses.value ?? []} /> : null}
      {isInstaller ? <RemoveCard device={device} actions={actions} /> : null}
    </div>
  );
}

type Via = '' | 'lan' | 'router';

function General({ device, actions }: { device: Device; actions: Actions }) {
  const say = useWords();
  const [name, setName] = useState(device.name);
  const [use, setUse] = useState<Use>(device.use);
  const [rated, setRated] = useState(device.rated_power_w === null ? '' : String(device.rated_power_w));
  const [serial, setSerial] = useState(device.serial_expected ?? '');
  const [via, setVia] = useState<Via>(device.via ?? '');
  const [result, setResult] = useState<'saving' | 'saved' | Problem | null>(null);
  const power = rated.trim() === '' ? null : decimal(rated, 1, 1e8);
  const isPowerBad = rated.trim() !== '' && power === null;
  const isGood = isName(name) && isSerial(serial) && !isPowerBad;
  async function submit(event: Event) {
    event.preventDefault();
    if (!isGood) return;
    setResult('saving');
    const answer = await actions.ask(() => commissioning.changeDevice(device.id, { name: name.trim(), use, rated_power_w: power, serial: serial.trim(), via: via || null }));
    setResult(answer.ok ? 'saved' : answer.problem);
    if (answer.ok) await actions.loadDevices();
  }
  const { at, rest } = useRefusal(typeof result === 'object' ? result : null, ['name', 'use', 'rated_power_w', 'serial', 'via']);
  const touched = <T,>(set: (value: T) => void) => (value: T) => { set(value); setResult(null); };
  return (
    <section class="card" aria-labelledby="general-title">
      <h2 id="general-title">{say('setup.general')}</h2>
      <form class="door-form" onSubmit={(event) => void submit(event)}>
        <Field id="name" label={say('device.name')} error={isName(name) ? at('name') : say('device.name.bad')}><TextInput id="name" value={name} onValue={touched(setName)} autoComplete="off" /></Field>
        <UseField id="use" value={use} onValue={touched(setUse)} error={at('use')} />
        <Field id="rated" label={say('device.rated')} help={say('device.rated.help')} error={isPowerBad ? say('device.rated.bad') : at('rated_power_w')}>
          <div class="with-unit"><TextInput id="rated" value={rated} onValue={touched(setRated)} inputMode="decimal" autoComplete="off" /><span class="unit">W</span></div>
        </Field>
        <Field id="serial" label={say('device.serial')} help={say('device.serial.help')} error={isSerial(serial) ? at('serial') : say('device.serial.bad')}>
          <TextInput id="serial" value={serial} onValue={touched(setSerial)} autoComplete="off" autoCapitalize="characters" spellcheck={false} />
        </Field>
        {device.capabilities.includes('charges_cars') || via || at('via') ? (
          <Field id="via" label={say('device.via')} error={at('via')}>
            <Choice<Via> id="via" value={via} empty={say('device.via.none')} options={[['lan', say('device.via.lan')], ['router', say('device.via.router')]]} onValue={touched(setVia)} />
          </Field>
        ) : null}
        <Failure problem={rest} />
        <div class="form-foot">
          <p aria-live="polite">{result === 'saved' ? <b class="saved">{say('setup.saved')}</b> : null}</p>
          <button type="submit" class="button button-strong" disabled={!isGood || result === 'saving'}>{say('setup.save')}</button>
        </div>
      </form>
    </section>
  );
}

function RemoveCard({ device, actions }: { device: Device; actions: Actions }) {
  const say = useWords();
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function remove() {
    setBusy(true);
    const answer = await actions.ask(() => commissioning.removeDevice(device.id, { bus: device.bus, unit: device.unit, profile: device.profile }));
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    await actions.loadDevices();
    location.hash = routeHref('devices');
  }
  return (
    <section class="card" aria-labelledby="remove-title">
      <h2 id="remove-title">{say('setup.remove')}</h2>
      <p class="muted">{say('setup.remove.text')}</p>
      <Failure problem={problem} />
      {isAsking ? (
        <div class="sure" role="group" aria-labelledby="remove-sure">
          <p id="remove-sure"><b>{say('setup.remove.sure', { name: device.name, unit: device.unit, bus: device.bus })}</b></p>
          <div class="buttons">
            <button type="button" class="button button-danger" disabled={busy} onClick={() => void remove()}>{say('setup.remove.submit')}</button>
            <button type="button" class="button" disabled={busy} onClick={() => setAsking(false)}>{say('setup.keep')}</button>
          </div>
        </div>
      ) : <div class="buttons"><button type="button" class="button" onClick={() => setAsking(true)}>{say('setup.remove.open')}</button></div>}
    </section>
  );
}
