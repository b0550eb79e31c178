// A line or connection: made, changed, removed.
import { useEffect, useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Bus, BusSettings, Port, Problem, SerialSettings, TcpSettings } from '../api/types';
import { Choice, Field, Segmented, TextInput } from '../components/inputs';
import { Loading, Notice, ProblemNotice } from '../components/notice';
import { useLocale } from '../i18n/locale';
import { routeHref } from '../lib/router';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { isHost, isId, wholeNumber } from './fields';
import { Back, Failure, useAsked, useRefusal } from './parts';
import { Wiring } from './wiring';
import { useWords, type Say } from './words';

const BAUDS = ['1200', '2400', '4800', '9600', '19200', '38400', '57600', '115200'] as const;
const toBuses = routeHref('devices', null, { tab: 'buses' });

export function LinePage({ state, actions, id }: { state: State; actions: Actions; id: string | null }) {
  const { t } = useLocale();
  const say = useWords();
  useEffect(() => {
    void actions.loadBuses();
    void actions.loadDevices();
  }, []);
  const ports = useAsked<Port[]>(actions, commissioning.ports);
  const buses = state.buses.value;
  const bus = buses?.find((one) => one.id === id) ?? null;
  return (
    <div class="page narrow">
      <Back to={toBuses}>{t('devices.tab.buses')}</Back>
      <div class="page-head"><h1>{id ? say('line.change', { bus: id }) : say('line.new')}</h1></div>
      {ports.problem ? <ProblemNotice problem={ports.problem} retry={ports.again} /> : null}
      {buses && ports.value ? <Form key={id ?? ''} actions={actions} bus={bus} ports={ports.value} lookAgain={ports.again} /> : ports.problem ? null : <Loading />}
      {bus && ports.value && state.devices.value ? <RemoveLine actions={actions} bus={bus} hasDevices={state.devices.value.some((device) => device.bus === bus.id)} /> : null}
      <Wiring />
    </div>
  );
}

interface Draft { kind: 'serial' | 'tcp'; port: string; baud: string; parity: SerialSettings['parity']; stop: '1' | '2'; host: string; tcpPort: string; framing: TcpSettings['framing'] }

function draftOf(settings: BusSettings | undefined, ports: readonly Port[]): Draft {
  const free = ports.find((port) => port.bus === null)?.path ?? '';
  const blank: Draft = { kind: 'serial', port: free, baud: '9600', parity: 'none', stop: '1', host: '', tcpPort: '502', framing: 'tcp' };
  if (!settings) return blank;
  return settings.kind === 'serial'
    ? { ...blank, port: settings.port, baud: String(settings.baud), parity: settings.parity, stop: settings.stop_bits === 2 ? '2' : '1' }
    : { ...blank, kind: 'tcp', host: settings.host, tcpPort: String(settings.port), framing: settings.framing };
}

function settingsOf(draft: Draft): BusSettings | null {
  if (draft.kind === 'serial') return draft.port ? { kind: 'serial', port: draft.port, baud: Number(draft.baud), parity: draft.parity, stop_bits: draft.stop === '2' ? 2 : 1 } : null;
  const port = wholeNumber(draft.tcpPort, 1, 65535);
  return isHost(draft.host) && port !== null ? { kind: 'tcp', host: draft.host.trim(), port, framing: draft.framing } : null;
}

function Form({ actions, bus, ports, lookAgain }: { actions: Actions; bus: Bus | null; ports: readonly Port[]; lookAgain: () => void }) {
  const say = useWords();
  const [id, setId] = useState(bus?.id ?? '');
  const [draft, setDraft] = useState<Draft>(() => draftOf(bus?.settings, ports));
  const [result, setResult] = useState<'saving' | 'saved' | Problem | null>(null);
  const edit = (part: Partial<Draft>) => { setDraft((now) => ({ ...now, ...part })); setResult(null); };
  const { at, rest } = useRefusal(typeof result === 'object' ? result : null, ['id', 'settings.port', 'settings.host']);
  const settings = settingsOf(draft);
  const isGood = settings !== null && isId(id);
  // Tried in vain on the running line: an installer who sets the devices next may insist.
  const mayInsist = typeof result === 'object' && result?.code === 'bus_unanswered';
  async function submit(event: Event, isMeant = false) {
    event.preventDefault();
    if (!settings || !isGood) return;
    setResult('saving');
    const answer = await actions.ask(async () => (bus ? commissioning.changeBus(bus.id, settings, isMeant) : void (await commissioning.addBus(id, settings))));
    setResult(answer.ok ? 'saved' : answer.problem);
    if (!answer.ok) return;
    await actions.loadBuses();
    location.hash = toBuses;
  }
  return (
    <form class="card door-form" onSubmit={(event) => void submit(event)}>
      {bus ? null : (
        <Field id="bus-id" label={say('line.id')} help={say('line.id.help')} error={id === '' || isId(id) ? at('id') : say('line.id.bad')}>
          <TextInput id="bus-id" value={id} onValue={(text) => { setId(text); setResult(null); }} autoComplete="off" autoCapitalize="none" spellcheck={false} />
        </Field>
      )}
      {bus ? null : <Segmented name="kind" label={say('line.kind')} value={draft.kind} options={[['serial', say('line.kind.serial')], ['tcp', say('line.kind.tcp')]]} onChange={(kind) => edit({ kind })} />}
      {draft.kind === 'serial' ? <SerialFields draft={draft} edit={edit} ports={ports} lookAgain={lookAgain} say={say} own={bus?.id ?? null} error={at('settings.port')} /> : <TcpFields draft={draft} edit={edit} say={say} error={at('settings.host') ?? at('settings.port')} />}
      <Failure problem={rest} />
      {mayInsist ? <button type="button" class="button button-wide" onClick={(event) => void submit(event, true)}>{say('line.anyway')}</button> : null}
      <button type="submit" class="button button-strong button-wide" disabled={!isGood || result === 'saving'}>{say('line.save')}</button>
    </form>
  );
}

interface FieldsProps { draft: Draft; edit: (part: Partial<Draft>) => void; say: Say; error: string | null }

function SerialFields({ draft, edit, ports, lookAgain, say, own, error }: FieldsProps & { ports: readonly Port[]; lookAgain: () => void; own: string | null }) {
  const choices = ports.map((port) => {
    const text = port.text && port.text !== port.path ? `${port.text} (${port.path})` : port.path;
    return [port.path, port.bus && port.bus !== own ? say('line.port.used', { text, bus: port.bus }) : text] as const;
  });
  const all = draft.port && !ports.some((port) => port.path === draft.port) ? [[draft.port, draft.port] as const, ...choices] : choices;
  return (
    <>
      <Field id="port" label={say('line.port')} error={error}>
        {all.length ? <Choice id="port" value={draft.port} options={all} onValue={(port) => edit({ port })} /> : <Notice tone="info" action={<button type="button" class="button" onClick={lookAgain}>{say('line.port.again')}</button>}>{say('line.port.none')}</Notice>}
      </Field>
      <Field id="baud" label={say('line.baud')}>
        <Choice id="baud" value={draft.baud} options={[...new Set([...BAUDS, draft.baud])].map((baud) => [baud, baud] as const)} onValue={(baud) => edit({ baud })} />
      </Field>
      <Segmented name="parity" label={say('line.parity')} value={draft.parity} options={(['none', 'even', 'odd'] as const).map((one) => [one, say(`line.parity.${one}`)] as const)} onChange={(parity) => edit({ parity })} />
      <Segmented name="stop" label={say('line.stop')} value={draft.stop} options={[['1', '1'], ['2', '2']]} onChange={(stop) => edit({ stop })} />
    </>
  );
}

function TcpFields({ draft, edit, say, error }: FieldsProps) {
  const isPortBad = wholeNumber(draft.tcpPort, 1, 65535) === null;
  return (
    <>
      <Field id="host" label={say('line.host')} error={draft.host === '' || isHost(draft.host) ? error : say('line.host.bad')}>
        <TextInput id="host" value={draft.host} onValue={(host) => edit({ host })} autoComplete="off" autoCapitalize="none" spellcheck={false} />
      </Field>
      <Field id="tcp-port" label={say('line.tcpPort')} error={isPortBad ? say('line.tcpPort.bad') : null}>
        <TextInput id="tcp-port" value={draft.tcpPort} onValue={(tcpPort) => edit({ tcpPort })} inputMode="decimal" autoComplete="off" />
      </Field>
      <Segmented name="framing" label={say('line.framing')} value={draft.framing} options={[['tcp', say('line.framing.tcp')], ['rtu', say('line.framing.rtu')]]} onChange={(framing) => edit({ framing })} />
    </>
  );
}

function RemoveLine({ actions, bus, hasDevices }: { actions: Actions; bus: Bus; hasDevices: boolean }) {
  const say = useWords();
  const [problem, setProblem] = useState<Problem | null>(null);
  async function remove() {
    const answer = await actions.ask(() => commissioning.removeBus(bus.id));
    if (!answer.ok) return setProblem(answer.problem);
    await actions.loadBuses();
    location.hash = toBuses;
  }
  return (
    <section class="card remove-line">
      {hasDevices ? <p class="muted">{say('line.remove.help')}</p> : null}
      <Failure problem={problem} />
      <div class="buttons"><button type="button" class="button" disabled={hasDevices} onClick={() => void remove()}>{say('line.remove', { bus: bus.id })}</button></div>
    </section>
  );
}
