// The settings inside a device: read from it now, written one by one, shown as read back.
import { useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Device, DeviceSetting, DeviceSettingWritten, Problem } from '../api/types';
import { Choice, Field, TextInput } from '../components/inputs';
import { Loading, Notice, ProblemNotice, Told } from '../components/notice';
import { useLocale } from '../i18n/locale';
import type { Actions } from '../state/actions';
import { decimal, isOnStep } from './fields';
import { Failure, useAsked } from './parts';
import { useWords } from './words';

export function DeviceSettings({ device, actions, isInstaller }: { device: Device; actions: Actions; isInstaller: boolean }) {
  const say = useWords();
  const { value, problem, again } = useAsked<DeviceSetting[]>(actions, () => commissioning.settings(device.id), [device.id]);
  return (
    <section class="card" aria-labelledby="device-settings-title">
      <h2 id="device-settings-title">{say('settings.title')}</h2>
      {problem ? <ProblemNotice problem={problem} retry={again} /> : null}
      {value?.length === 0 ? <p class="muted">{say('settings.none')}</p> : null}
      {value ? <ul class="device-settings">{value.map((one) => <Row key={one.key} device={device} setting={one} actions={actions} mayWrite={one.writable && (isInstaller || one.owners)} />)}</ul> : null}
      {!value && !problem ? <><p class="muted">{say('settings.reading')}</p><Loading /></> : null}
    </section>
  );
}

function Row({ device, setting, actions, mayWrite }: { device: Device; setting: DeviceSetting; actions: Actions; mayWrite: boolean }) {
  const say = useWords();
  const { locale, named } = useLocale();
  const [now, setNow] = useState(setting.value);
  const [text, setText] = useState(setting.value === null ? '' : String(setting.value));
  const [result, setResult] = useState<'writing' | DeviceSettingWritten | Problem | null>(null);
  const id = `setting-${setting.key}`;
  const title = named(setting.text);
  const choices = setting.choices.map((one) => [String(one.value), named(one.text)] as const);
  const isChoice = choices.length > 0;
  const number = isChoice ? (text === '' ? null : Number(text)) : decimal(text, setting.min, setting.max);
  const isGood = number !== null && (isChoice || isOnStep(number, setting.min, setting.step));
  const shown = (value: number) => choices.find(([code]) => code === String(value))?.[1] ?? `${new Intl.NumberFormat(locale, { maximumFractionDigits: 6 }).format(value)}${setting.unit ? `\u00a0${setting.unit}` : ''}`;
  const isChanged = number !== null && number !== now;
  async function submit(event: Event) {
    event.preventDefault();
    if (!isGood || number === null) return;
    setResult('writing');
    const answer = await actions.ask(() => commissioning.writeSetting(device.id, setting.key, number));
    setResult(answer.ok ? answer.value : answer.problem);
    if (answer.ok) {
      setNow(answer.value.value);
      setText(String(answer.value.value));
    }
  }
  const edit = (value: string) => { setText(value); setResult(null); };
  const error = text !== '' && !isGood ? say('settings.bad', { min: shown(setting.min), max: shown(setting.max), step: setting.step }) : null;
  const isWritten = result !== null && typeof result === 'object' && 'key' in result;
  return (
    <li>
      <form class="setting-row" onSubmit={(event) => void submit(event)}>
        <Field id={id} label={title} error={error} help={isChoice ? undefined : say('settings.range', { min: shown(setting.min), max: shown(setting.max) })}>
          <div class="setting-input">
            {isChoice ? <Choice id={id} value={text} empty={say('settings.unread')} disabled={!mayWrite} options={choices} onValue={edit} />
              : <div class="with-unit"><TextInput id={id} value={text} disabled={!mayWrite} onValue={edit} inputMode="decimal" autoComplete="off" placeholder={say('settings.unread')} error={error} /><span class="unit">{setting.unit}</span></div>}
            {mayWrite ? <button type="submit" class="button" disabled={!isGood || !isChanged || result === 'writing'} aria-label={`${say('settings.write')}: ${title}`}>{say(result === 'writing' ? 'settings.writing' : 'settings.write')}</button>
              : <span class="muted nowrap">{say(setting.writable ? 'settings.installers' : 'settings.shown')}</span>}
          </div>
        </Field>
        {setting.problem && now === null ? <Notice tone="caution"><Told text={setting.problem} said={setting.problem_said} /></Notice> : null}
        {setting.warning && isChanged ? <Notice tone="caution"><Told text={setting.warning} /></Notice> : null}
        <div aria-live="polite">
          {isWritten ? <Notice tone="good">{result.before === null ? say('settings.writtenNew', { value: shown(result.value) }) : say('settings.written', { before: shown(result.before), value: shown(result.value) })}</Notice>
            : typeof result === 'object' ? <Failure problem={result} /> : null}
        </div>
      </form>
    </li>
  );
}
