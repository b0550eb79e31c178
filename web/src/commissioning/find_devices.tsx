// The search for devices. It runs in the gateway: this page may be left and opened again.
import { useEffect, useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Bus, Found, Problem, Profile, Scan, ScanOrder } from '../api/types';
import { Empty, Loading, ProblemNotice, Notice, Told } from '../components/notice';
import { useLocale } from '../i18n/locale';
import { routeHref } from '../lib/router';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { busOf, draftOf, groupOf, keyOf, newBusOf, type Draft, type Group } from './found';
import { FoundCard, isAdded, type Adding } from './found_card';
import { Back, Failure, useAsked } from './parts';
import { ScanForm } from './scan_form';
import { Wiring } from './wiring';
import { useWords } from './words';

const REFRESH_MS = 700;
const GROUPS: readonly Group[] = ['new', 'unsure', 'known'];

export function FindDevices({ state, actions }: { state: State; actions: Actions }) {
  const { t } = useLocale();
  const say = useWords();
  const { scan, problem, start, cancel } = useScan(actions);
  const profiles = useAsked<Profile[]>(actions, commissioning.profiles);
  useEffect(() => {
    void actions.loadDevices();
    void actions.loadBuses();
  }, []);
  const buses = state.buses.value;
  return (
    <div class="page">
      <Back>{t('devices.back')}</Back>
      <div class="page-head"><h1>{say('find.title')}</h1><a class="button" href={routeHref('devices', null, { tab: 'add' })}>{say('add.byHand')}</a></div>
      <p class="muted lead">{say('find.lead')}</p>
      {state.buses.problem && !buses ? <ProblemNotice problem={state.buses.problem} retry={() => void actions.loadBuses()} /> : null}
      {buses && scan ? (
        <>
          <section class="card"><ScanForm buses={buses} isRunning={scan.state === 'running'} hasRun={scan.state !== 'idle'} start={start} /></section>
          <Failure problem={problem} />
          {scan.state === 'idle' ? null : <Progress scan={scan} cancel={cancel} />}
          {profiles.problem ? <ProblemNotice problem={profiles.problem} retry={profiles.again} /> : null}
          {profiles.value ? <FoundList state={state} actions={actions} scan={scan} profiles={profiles.value} buses={buses} /> : null}
        </>
      ) : problem ? <ProblemNotice problem={problem} /> : <Loading />}
    </div>
  );
}

function useScan(actions: Actions) {
  const [scan, setScan] = useState<Scan | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const look = async () => {
    const answer = await actions.ask(commissioning.scan);
    if (answer.ok) setScan(answer.value);
    else setProblem(answer.problem);
  };
  useEffect(() => void look(), []);
  useEffect(() => {
    if (scan?.state !== 'running') return;
    const timer = setTimeout(() => void look(), REFRESH_MS);
    return () => clearTimeout(timer);
  }, [scan]);
  const run = async (work: () => Promise<unknown>) => {
    setProblem(null);
    const answer = await actions.ask(work);
    if (!answer.ok) return setProblem(answer.problem);
    await look();
  };
  return { scan, problem, start: (order: ScanOrder) => void run(() => commissioning.startScan(order)), cancel: () => void run(commissioning.cancelScan) };
}

function Progress({ scan, cancel }: { scan: Scan; cancel: () => void }) {
  const say = useWords();
  const { age } = useLocale();
  const share = scan.total > 0 ? Math.min(100, Math.round((100 * scan.asked) / scan.total)) : 0;
  const isRunning = scan.state === 'running';
  return (
    <section class="card scan-progress" aria-label={say('find.running')}>
      <div class="scan-progress-head">
        <h2 aria-live="polite">{say(isRunning ? 'find.running' : scan.state === 'done' ? 'find.done' : 'find.cancelled')}</h2>
        {isRunning ? <button type="button" class="button" onClick={cancel}>{say('find.cancel')}</button> : null}
      </div>
      {isRunning ? <div class="meter" role="progressbar" aria-label={say('find.running')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={share}><div class="meter-fill" style={{ width: `${share}%` }} /></div> : null}
      <p class="muted scan-now">
        {[say('find.progress', { asked: scan.asked, total: scan.total }), isRunning && scan.remaining_s !== null ? say('find.remaining', { time: age(scan.remaining_s * 1000) }) : '', isRunning ? scan.now : ''].filter(Boolean).join(' · ')}
      </p>
      {scan.messages.map((message, at) => <Notice key={message} tone="caution"><Told text={message} said={scan.messages_said[at]} /></Notice>)}
    </section>
  );
}

interface ListProps { state: State; actions: Actions; scan: Scan; profiles: readonly Profile[]; buses: readonly Bus[] }

function FoundList({ state, actions, scan, profiles, buses }: ListProps) {
  const say = useWords();
  const [edits, setEdits] = useState<Readonly<Record<string, Partial<Draft>>>>({});
  const [adding, setAdding] = useState<Readonly<Record<string, Adding>>>({});
  const devices = state.devices.value ?? [];
  const hasGridMeter = devices.some((device) => device.use === 'grid_meter');
  const draft = (found: Found): Draft => ({ ...draftOf(found, scan.found, profiles, hasGridMeter), ...edits[keyOf(found)] });
  const mark = (found: Found, how: Adding) => setAdding((now) => ({ ...now, [keyOf(found)]: how }));

  async function add(found: Found, known: Map<string, string>): Promise<boolean> {
    mark(found, 'working');
    const wanted = draft(found);
    const answer = await actions.ask(async () => {
      const bus = busOf(found, buses) ?? known.get(found.place) ?? await makeBus(found);
      known.set(found.place, bus);
      await tune(bus, found);
      return commissioning.addDevice({ name: wanted.name.trim(), profile: wanted.profile, bus, unit: found.unit, use: wanted.use, ...(found.serial ? { serial: found.serial } : {}) });
    });
    mark(found, answer.ok ? { added: answer.value } : answer.problem);
    return answer.ok;
  }
  async function makeBus(found: Found): Promise<string> {
    const { id, settings } = newBusOf(found, buses);
    return commissioning.addBus(id, settings);
  }
  // It answered at another baud rate than its line speaks; nobody else answered there.
  async function tune(id: string, found: Found): Promise<void> {
    const settings = buses.find((bus) => bus.id === id)?.settings;
    if (settings?.kind !== 'serial' || !found.baud || found.baud === settings.baud) return;
    await commissioning.changeBus(id, { ...settings, baud: found.baud });
  }
  async function addAll(these: readonly Found[]) {
    const known = new Map<string, string>();
    these.forEach((found) => mark(found, 'waiting'));
    for (const found of these) await add(found, known);
    await refresh();
  }
  async function refresh() {
    await Promise.all([actions.loadDevices(), actions.loadBuses()]);
  }

  const deviceOf = (found: Found) => {
    const how = adding[keyOf(found)];
    const id = isAdded(how) ? how.added : found.device;
    return devices.find((one) => one.id === id);
  };
  const open = scan.found.filter((found) => groupOf(found) === 'new' && !found.is_double && !adding[keyOf(found)]);
  const working = Object.values(adding).filter((how) => how === 'waiting' || how === 'working').length;
  if (scan.state !== 'idle' && scan.state !== 'running' && scan.found.length === 0) {
    return <><Empty icon="search" title={say('find.none.title')}>{say('find.none.text')}</Empty><Wiring /></>;
  }
  const isMeterless = Object.values(adding).some(isAdded) && working === 0 && !hasGridMeter;
  return (
    <>
      {open.length > 1 && working === 0 ? <button type="button" class="button button-strong add-all" onClick={() => void addAll(open)}>{say('find.addAll', { count: open.length })}</button> : null}
      {isMeterless ? <Notice tone="caution">{say('find.noMeter')}</Notice> : null}
      {GROUPS.map((group) => {
        const these = scan.found.filter((found) => groupOf(found) === group);
        if (these.length === 0) return null;
        return (
          <section key={group} aria-label={say(`find.group.${group}`)}>
            <h2 class="section-title">{say(`find.group.${group}`)} <span class="muted">{these.length}</span></h2>
            <ul class="found-list">
              {these.map((found) => (
                <FoundCard key={keyOf(found)} found={found} draft={draft(found)} profiles={profiles} device={deviceOf(found)} adding={adding[keyOf(found)]}
                  edit={(part) => setEdits((now) => ({ ...now, [keyOf(found)]: { ...now[keyOf(found)], ...part } }))}
                  add={() => void add(found, new Map()).then(refresh)} />
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}
