// Guided replacement: another device takes over name, points and history.
import { useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Bus, Device, Problem } from '../api/types';
import { Choice, Field, Segmented, TextInput } from '../components/inputs';
import { Notice } from '../components/notice';
import type { Actions } from '../state/actions';
import { isSerial, wholeNumber } from './fields';
import { Failure, useRefusal } from './parts';
import { useWords } from './words';

export function ReplaceCard({ device, actions, buses }: { device: Device; actions: Actions; buses: readonly Bus[] }) {
  const say = useWords();
  const [isOpen, setOpen] = useState(false);
  const [isDone, setDone] = useState(false);
  return (
    <section class="card" aria-labelledby="replace-title">
      <h2 id="replace-title">{say('setup.replace')}</h2>
      <p class="muted">{say('setup.replace.text')}</p>
      {isDone ? <Notice tone="good">{say('setup.replaced')}</Notice>
        : isOpen ? <Form device={device} actions={actions} buses={buses} done={() => setDone(true)} close={() => setOpen(false)} />
        : <div class="buttons"><button type="button" class="button" onClick={() => setOpen(true)}>{say('setup.replace.open')}</button></div>}
    </section>
  );
}

function Form({ device, actions, buses, done, close }: { device: Device; actions: Actions; buses: readonly Bus[]; done: () => void; close: () => void }) {
  const say = useWords();
  const [serial, setSerial] = useState('');
  const [place, setPlace] = useState<'same' | 'other'>('same');
  const [bus, setBus] = useState(device.bus);
  const [unit, setUnit] = useState(String(device.unit));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isSerialLine = buses.find((one) => one.id === bus)?.settings.kind === 'serial';
  const [first, last] = isSerialLine ? [1, 247] : [0, 255];
  const address = wholeNumber(unit, first, last);
  const isGood = isSerial(serial) && (place === 'same' || address !== null);
  const { at, rest } = useRefusal(problem, place === 'other' ? ['serial', 'bus', 'unit'] : ['serial']);
  async function submit(event: Event) {
    event.preventDefault();
    if (!isGood) return;
    setBusy(true);
    setProblem(null);
    const answer = await actions.ask(() => commissioning.replaceDevice(device.id, { serial: serial.trim(), ...(place === 'other' && address !== null ? { bus, unit: address } : {}) }));
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    await actions.loadDevices();
    done();
  }
  return (
    <form class="door-form" onSubmit={(event) => void submit(event)}>
      <Field id="new-serial" label={say('setup.replace.serial')} help={say('setup.replace.serial.help')} error={isSerial(serial) ? at('serial') : say('device.serial.bad')}>
        <TextInput id="new-serial" value={serial} onValue={setSerial} autoComplete="off" autoCapitalize="characters" spellcheck={false} />
      </Field>
      <Segmented name="place" label={say('device.bus')} value={place} options={[['same', say('setup.replace.same')], ['other', say('setup.replace.other')]]} onChange={setPlace} />
      {place === 'other' ? (
        <div class="form-pair">
          <Field id="new-bus" label={say('device.bus')} error={at('bus')}><Choice id="new-bus" value={bus} options={buses.map((one) => [one.id, one.id] as const)} onValue={setBus} /></Field>
          <Field id="new-unit" label={say('device.unit')} error={address === null ? say('device.unit.bad', { first, last }) : at('unit')}>
            <TextInput id="new-unit" value={unit} onValue={setUnit} inputMode="decimal" autoComplete="off" />
          </Field>
        </div>
      ) : null}
      <Failure problem={rest} />
      <div class="buttons">
        <button type="submit" class="button button-strong" disabled={busy || !isGood}>{say('setup.replace.submit')}</button>
        <button type="button" class="button" disabled={busy} onClick={close}>{say('setup.keep')}</button>
      </div>
    </form>
  );
}
