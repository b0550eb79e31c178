// Who else reads the devices through this gateway: on or off, for whom, and what they ask.
import { useEffect, useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Device, Problem, Sharing } from '../api/types';
import { Icon } from '../components/icon';
import { Field, Segmented, Switch, TextInput } from '../components/inputs';
import { Loading, Notice, ProblemNotice } from '../components/notice';
import { useLocale } from '../i18n/locale';
import { formatCount, formatLatency } from '../lib/format';
import { routeHref } from '../lib/router';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { wholeNumber } from './fields';
import { Back, Failure, useAsked } from './parts';
import { clientProblem, draftOf, EVERY_NETWORK, settingsOf, THIS_MACHINE, type ClientDraft, type SharingDraft } from './sharing_draft';
import { useWords } from './words';

const REFRESH_MS = 3_000;

export function SharingPage({ state, actions, now }: { state: State; actions: Actions; now: number }) {
  const { t } = useLocale();
  const say = useWords();
  const asked = useAsked<Sharing>(actions, commissioning.sharing);
  const [saved, setSaved] = useState<Sharing | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => void actions.loadDevices(), []);
  useEffect(() => {
    const timer = setInterval(() => void actions.ask(commissioning.sharing).then((answer) => { if (answer.ok) setSaved(answer.value); }), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const sharing = saved ?? asked.value;
  const devices = state.devices.value;
  return (
    <div class="page narrow">
      <Back to={routeHref('devices', null, { tab: 'buses' })}>{t('devices.tab.buses')}</Back>
      <div class="page-head"><h1>{say('sharing.title')}</h1></div>
      <p class="muted lead">{say('sharing.lead')}</p>
      {asked.problem && !sharing ? <ProblemNotice problem={asked.problem} retry={asked.again} /> : null}
      {sharing && devices ? (
        <>
          <Now sharing={sharing} now={now} />
          <Form key={round} actions={actions} sharing={sharing} devices={devices} onSaved={(now) => { setSaved(now); setRound(round + 1); }} />
        </>
      ) : asked.problem ? null : <Loading />}
    </div>
  );
}

function Now({ sharing, now }: { sharing: Sharing; now: number }) {
  const say = useWords();
  const { locale, age } = useLocale();
  if (!sharing.enabled) return <Notice tone="info" title={say('sharing.off.title')}>{say('sharing.off.text')}</Notice>;
  return (
    <section class="card" aria-label={say('sharing.now')}>
      <div class="sharing-head">
        <h2>{say('sharing.now')}</h2>
        <span class={`pill ${sharing.listening ? 'state-online' : 'state-offline'}`}><span class="lamp-dot" />{say(sharing.listening ? 'sharing.listens' : 'sharing.silent', { port: sharing.port })}</span>
      </div>
      {sharing.problem ? <Notice tone="caution">{sharing.problem}</Notice> : null}
      <dl class="facts facts-row">
        <div><dt>{say('sharing.connections')}</dt><dd>{formatCount(sharing.connections, locale)}</dd></div>
        <div><dt>{say('sharing.turnedAway')}</dt><dd>{formatCount(sharing.turned_away, locale)}</dd></div>
        <div><dt>{say('sharing.requests')}</dt><dd>{formatCount(sharing.requests, locale)}</dd></div>
        <div><dt>{say('sharing.fromCache')}</dt><dd>{formatCount(sharing.from_cache, locale)}</dd></div>
      </dl>
      {sharing.seen.length === 0 ? <p class="muted">{say('sharing.nobody')}</p> : (
        <ul class="sharing-seen">
          {sharing.seen.map((one) => (
            <li key={one.address}>
              <p class="sharing-who"><b>{one.address}</b><span class="muted">{say('sharing.seen', { time: age(Math.max(0, now - one.last_seen)) })}</span></p>
              <dl class="facts facts-row">
                <div><dt>{say('sharing.requests')}</dt><dd>{formatCount(one.requests, locale)}</dd></div>
                <div><dt>{say('sharing.fromCache')}</dt><dd>{formatCount(one.from_cache, locale)}</dd></div>
                <div><dt>{say('sharing.refused')}</dt><dd>{formatCount(one.refused, locale)}</dd></div>
                <div><dt>{say('sharing.writes')}</dt><dd>{formatCount(one.writes, locale)}</dd></div>
                <div><dt>{say('sharing.age')}</dt><dd>{formatLatency(one.age_max_ms === null ? null : one.age_max_ms * 1000, locale)}</dd></div>
              </dl>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Form({ actions, sharing, devices, onSaved }: { actions: Actions; sharing: Sharing; devices: readonly Device[]; onSaved: (now: Sharing) => void }) {
  const say = useWords();
  const [draft, setDraft] = useState<SharingDraft>(() => draftOf(sharing, devices));
  const [result, setResult] = useState<'saving' | Problem | null>(null);
  const edit = (part: Partial<SharingDraft>) => { setDraft((before) => ({ ...before, ...part })); setResult(null); };
  const editClient = (at: number, part: Partial<ClientDraft>) => edit({ clients: draft.clients.map((one, i) => (i === at ? { ...one, ...part } : one)) });
  const settings = settingsOf(draft);
  const known = new Map(devices.map((device) => [device.id, device.name]));
  const all = [...new Set([...devices.map((device) => device.id), ...draft.devices.map((device) => device.id)])];
  async function submit(event: Event) {
    event.preventDefault();
    if (!settings) return;
    setResult('saving');
    const answer = await actions.ask(() => commissioning.changeSharing(settings));
    if (answer.ok) return onSaved(answer.value);
    setResult(answer.problem);
  }
  return (
    <form class="card door-form sharing-form" onSubmit={(event) => void submit(event)}>
      <Switch id="sharing-on" label={say('sharing.on')} help={say('sharing.on.help')} checked={draft.enabled} onChange={(enabled) => edit({ enabled })} />
      {draft.enabled ? (
        <>
          <Segmented name="listen" label={say('sharing.listen')} value={draft.address} options={[[THIS_MACHINE, say('sharing.listen.machine')], [EVERY_NETWORK, say('sharing.listen.network')], ...(draft.otherAddress ? [[draft.otherAddress, draft.otherAddress] as const] : [])]} onChange={(address) => edit({ address })} />
          <Field id="sharing-port" label={say('sharing.port')} error={wholeNumber(draft.port, 1, 65535) === null ? say('line.tcpPort.bad') : null}>
            <TextInput id="sharing-port" inputMode="decimal" autoComplete="off" value={draft.port} onValue={(port) => edit({ port })} />
          </Field>
          <fieldset class="plain">
            <legend class="field-title">{say('sharing.devices')}</legend>
            <div class="checks">
              {all.map((id) => {
                const shared = draft.devices.find((one) => one.id === id);
                return (
                  <label key={id} class="check">
                    <input type="checkbox" checked={shared !== undefined} onChange={(event) => edit({ devices: toggled(draft, id, event.currentTarget.checked) })} />
                    <span>{known.get(id) ?? id}{shared ? <span class="muted">{say('sharing.unit', { unit: shared.unit })}</span> : null}</span>
                  </label>
                );
              })}
            </div>
          </fieldset>
          <fieldset class="plain sharing-clients">
            <legend class="field-title">{say('sharing.clients')}</legend>
            <p class="field-help">{say('sharing.clients.help')}</p>
            {draft.clients.map((client, at) => <Client key={at} at={at} client={client} draft={draft} known={known} edit={(part) => editClient(at, part)} remove={() => edit({ clients: draft.clients.filter((_, i) => i !== at) })} />)}
            <div class="buttons"><button type="button" class="button" onClick={() => edit({ clients: [...draft.clients, { address: '', rights: 'read', devices: [], registers: {} }] })}><Icon name="plus" size={20} />{say('sharing.client.add')}</button></div>
          </fieldset>
        </>
      ) : null}
      {typeof result === 'object' ? <Failure problem={result} /> : null}
      <button type="submit" class="button button-strong button-wide" disabled={!settings || result === 'saving'}>{say('sharing.save')}</button>
    </form>
  );
}

// A device that is shared again gets the first unit that is free; nobody else's changes.
function toggled(draft: SharingDraft, id: string, isShared: boolean): SharingDraft['devices'] {
  if (!isShared) return draft.devices.filter((one) => one.id !== id);
  let unit = 1;
  while (draft.devices.some((one) => one.unit === unit)) unit += 1;
  return [...draft.devices, { id, unit }];
}

interface ClientProps { at: number; client: ClientDraft; draft: SharingDraft; known: ReadonlyMap<string, string>; edit: (part: Partial<ClientDraft>) => void; remove: () => void }

function Client({ at, client, draft, known, edit, remove }: ClientProps) {
  const say = useWords();
  const problem = client.address === '' ? null : clientProblem(client, draft);
  const id = `client-${at}`;
  return (
    <div class="sharing-client">
      <Field id={id} label={say('sharing.client.address')} help={say('sharing.client.address.help')} error={problem === 'address' ? say('sharing.client.address.bad') : null}>
        <TextInput id={id} value={client.address} onValue={(address) => edit({ address })} autoComplete="off" autoCapitalize="none" spellcheck={false} />
      </Field>
      <Segmented name={`${id}-rights`} label={say('sharing.client.rights')} value={client.rights} options={[['read', say('sharing.client.read')], ['write', say('sharing.client.write')]]} onChange={(rights) => edit({ rights })} />
      {client.rights === 'write' ? (
        <>
          <Notice tone="caution">{say('sharing.client.danger')}</Notice>
          {draft.devices.map((device) => (
            <Field key={device.id} id={`${id}-${device.id}`} label={say('sharing.client.registers', { name: known.get(device.id) ?? device.id })} help={say('sharing.client.registers.help')}>
              <TextInput id={`${id}-${device.id}`} value={client.registers[device.id] ?? ''} onValue={(text) => edit({ registers: { ...client.registers, [device.id]: text } })} autoComplete="off" spellcheck={false} />
            </Field>
          ))}
          {problem === 'registers' ? <p class="field-error"><Icon name="warning" size={18} />{say('sharing.client.registers.bad')}</p> : null}
        </>
      ) : null}
      <div class="buttons"><button type="button" class="button" onClick={remove}>{say('sharing.client.remove')}</button></div>
    </div>
  );
}
