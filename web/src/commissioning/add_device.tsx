// A device that does not tell who it is, added by hand.
import { useEffect, useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Bus, Problem, Profile, Use } from '../api/types';
import { Choice, Field, TextInput } from '../components/inputs';
import { Loading, Notice, ProblemNotice } from '../components/notice';
import { useLocale } from '../i18n/locale';
import { routeHref } from '../lib/router';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { isName, isSerial, wholeNumber } from './fields';
import { Back, Failure, ProfileField, useAsked, UseField, useRefusal } from './parts';
import { productsText } from './profile_search';
import { useWords } from './words';

export function AddDevice({ state, actions }: { state: State; actions: Actions }) {
  const { t } = useLocale();
  const say = useWords();
  const profiles = useAsked<Profile[]>(actions, commissioning.profiles);
  useEffect(() => void actions.loadBuses(), []);
  const buses = state.buses.value;
  return (
    <div class="page narrow">
      <Back>{t('devices.back')}</Back>
      <div class="page-head"><h1>{say('add.title')}</h1></div>
      {profiles.problem ? <ProblemNotice problem={profiles.problem} retry={profiles.again} /> : null}
      {buses && profiles.value ? (
        buses.length ? <Form actions={actions} buses={buses} profiles={profiles.value} />
          : <Notice tone="info" action={<a class="button" href={routeHref('devices', null, { tab: 'line' })}>{say('line.new')}</a>}>{say('add.noBus')}</Notice>
      ) : profiles.problem ? null : <Loading />}
      <p class="muted">{say('add.notListed')} <a href={routeHref('devices', null, { tab: 'packs' })}>{say('add.packs')}</a></p>
    </div>
  );
}

function Form({ actions, buses, profiles }: { actions: Actions; buses: readonly Bus[]; profiles: readonly Profile[] }) {
  const say = useWords();
  const [profile, setProfile] = useState('');
  const [name, setName] = useState('');
  const [bus, setBus] = useState(buses[0]!.id);
  const [unit, setUnit] = useState('1');
  const [use, setUse] = useState<Use>('sub_meter');
  const [serial, setSerial] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const isSerialLine = buses.find((one) => one.id === bus)?.settings.kind === 'serial';
  const [first, last] = isSerialLine ? [1, 247] : [0, 255];
  const address = wholeNumber(unit, first, last);
  const isComplete = profile !== '' && isName(name) && address !== null && isSerial(serial);
  const choose = (chosen: Profile | null) => {
    setProfile(chosen?.name ?? '');
    if (!chosen) return;
    setUnit(String(chosen.unit));
    setUse(chosen.use);
    if (name === '') setName(productsText(chosen, 1).replace(/ …$/, '').slice(0, 64));
  };
  async function submit(event: Event) {
    event.preventDefault();
    if (!isComplete) return;
    setBusy(true);
    setProblem(null);
    const answer = await actions.ask(() => commissioning.addDevice({ name: name.trim(), profile, bus, unit: address, use, ...(serial.trim() ? { serial: serial.trim() } : {}) }));
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    await actions.loadDevices();
    location.hash = routeHref('devices', answer.value);
  }
  const { at, rest } = useRefusal(problem, ['profile', 'name', 'bus', 'unit', 'use', 'serial']);
  return (
    <form class="card door-form" onSubmit={(event) => void submit(event)}>
      <ProfileField id="profile" profiles={profiles} value={profile} onValue={choose} error={at('profile')} />
      <Field id="name" label={say('device.name')} error={name !== '' && !isName(name) ? say('device.name.bad') : at('name')}>
        <TextInput id="name" value={name} onValue={setName} autoComplete="off" />
      </Field>
      <div class="form-pair">
        <Field id="bus" label={say('device.bus')} error={at('bus')}><Choice id="bus" value={bus} options={buses.map((one) => [one.id, one.id] as const)} onValue={setBus} /></Field>
        <Field id="unit" label={say('device.unit')} error={address === null ? say('device.unit.bad', { first, last }) : at('unit')}>
          <TextInput id="unit" value={unit} onValue={setUnit} inputMode="decimal" autoComplete="off" error={address === null ? say('device.unit.bad', { first, last }) : at('unit')} />
        </Field>
      </div>
      <UseField id="use" value={use} onValue={setUse} error={at('use')} />
      <Field id="serial" label={say('device.serial')} help={say('device.serial.help')} error={isSerial(serial) ? at('serial') : say('device.serial.bad')}>
        <TextInput id="serial" value={serial} onValue={setSerial} autoComplete="off" autoCapitalize="characters" spellcheck={false} />
      </Field>
      <Failure problem={rest} />
      <button type="submit" class="button button-strong button-wide" disabled={busy || !isComplete}>{say(busy ? 'add.working' : 'add.submit')}</button>
    </form>
  );
}
