// What goes over one line, frame by frame, and a request by hand. The gateway listens as long as this page asks.
import { useEffect, useRef, useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Bus, Frame, Problem } from '../api/types';
import { Choice, Field } from '../components/inputs';
import { Icon } from '../components/icon';
import { Loading, Notice } from '../components/notice';
import { CLOCK, useLocale } from '../i18n/locale';
import { routeHref } from '../lib/router';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { spaced, tell, unitOf } from './frames';
import { Back, Failure } from './parts';
import { RawRequestForm } from './raw_request';
import { useWords } from './words';

const REFRESH_MS = 500;
const KEPT = 2000; // frames, so that one address of many has some; older ones are in the recording
const SHOWN = 40; // rows at once: a line of twenty devices says more than anybody reads

export function Monitor({ state, actions, id }: { state: State; actions: Actions; id: string }) {
  const { t } = useLocale();
  const say = useWords();
  useEffect(() => {
    void actions.loadBuses();
    void actions.loadDevices();
  }, []);
  const buses = state.buses.value;
  const bus = buses?.find((one) => one.id === id);
  return (
    <div class="page">
      <Back to={routeHref('devices', null, { tab: 'buses' })}>{t('devices.tab.buses')}</Back>
      <div class="page-head"><h1>{say('monitor.title', { bus: id })}</h1></div>
      {!buses ? <Loading /> : !bus ? <Notice tone="caution">{t('buses.empty')}</Notice> : (
        <div class="monitor-grid">
          <Frames key={bus.id} bus={bus} buses={buses} actions={actions} />
          <RawRequestForm key={`${bus.id} by hand`} bus={bus} actions={actions} />
        </div>
      )}
    </div>
  );
}

function useFrames(actions: Actions, bus: string, isPaused: boolean) {
  const [frames, setFrames] = useState<readonly Frame[]>([]);
  const [dropped, setDropped] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const next = useRef(0);
  useEffect(() => {
    if (isPaused) return;
    let current = true;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      const answer = await actions.ask(() => commissioning.frames(bus, next.current));
      if (!current) return;
      if (answer.ok) {
        // What was gone before this page opened is no loss.
        if (next.current > 0) setDropped((before) => before + answer.value.dropped);
        next.current = answer.value.next;
        setProblem(null);
        if (answer.value.frames.length) setFrames((now) => [...now, ...answer.value.frames].slice(-KEPT));
      } else setProblem(answer.problem);
      timer = setTimeout(() => void look(), REFRESH_MS);
    };
    void look();
    return () => { current = false; clearTimeout(timer); };
  }, [bus, isPaused]);
  return { frames, dropped, problem, clear: () => setFrames([]) };
}

function Frames({ bus, buses, actions }: { bus: Bus; buses: readonly Bus[]; actions: Actions }) {
  const { time } = useLocale();
  const say = useWords();
  const [isPaused, setPaused] = useState(false);
  const [unit, setUnit] = useState('');
  const [most, setMost] = useState(SHOWN);
  const { frames, dropped, problem, clear } = useFrames(actions, bus.id, isPaused);
  const isTcp = bus.settings.kind === 'tcp' && bus.settings.framing === 'tcp';
  const wanted = unit === '' ? frames : frames.filter((frame) => String(unitOf(frame, isTcp)) === unit);
  const shown = wanted.slice(-most).toReversed().map((frame) => ({ frame, ...tell(frame, isTcp, say) }));
  const heard = frames.flatMap((frame) => unitOf(frame, isTcp) ?? []);
  const units = [...new Set([...bus.units.map((one) => one.unit), ...heard])].sort((a, b) => a - b);
  return (
    <section class="card monitor" aria-label={say('monitor.title', { bus: bus.id })}>
      <p class="muted">{say('monitor.lead')}</p>
      <div class="monitor-tools">
        {buses.length > 1 ? (
          <Field id="line" label={say('monitor.line')}>
            <Choice id="line" value={bus.id} options={buses.map((one) => [one.id, one.id] as const)} onValue={(id) => { location.hash = routeHref('devices', null, { tab: 'monitor', bus: id }); }} />
          </Field>
        ) : null}
        <Field id="filter" label={say('monitor.filter')}>
          <Choice id="filter" value={unit} empty={say('monitor.all')} options={units.map((one) => [String(one), say('found.address', { unit: one })] as const)} onValue={(one) => { setUnit(one); setMost(SHOWN); }} />
        </Field>
        <div class="buttons">
          <button type="button" class="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>{say(isPaused ? 'monitor.resume' : 'monitor.pause')}</button>
          <button type="button" class="button" onClick={clear}>{say('monitor.clear')}</button>
          <a class="button" href={commissioning.captureHref(bus.id)} download={`${bus.id}.capture`}><Icon name="download" size={20} />{say('monitor.save')}</a>
        </div>
      </div>
      <Failure problem={problem} />
      {dropped > 0 ? <p class="field-help">{say('monitor.dropped', { count: dropped })}</p> : null}
      {shown.length === 0 ? <p class="muted" role="status">{say('monitor.waiting')}</p> : (
        <>
        <ol class="frames" tabIndex={0} aria-label={say('monitor.what')}>
          {shown.map(({ frame, unit: from, text }) => (
            <li key={frame.number} class={`frame is-${frame.direction} ${frame.note === 'ok' || frame.note === '' ? '' : 'is-odd'}`}>
              <span class="frame-time">{time(frame.at, { ...CLOCK, fractionalSecondDigits: 3 })}</span>
              <span class="frame-way">{frame.direction === 'sent' ? '→' : '←'}<span class="visually-hidden">{say(`monitor.${frame.direction}`)}</span></span>
              <b class="frame-unit">{from ?? '–'}</b>
              <span class="frame-text">{text}{frame.note && frame.note !== 'ok' ? <em> · {frame.note}</em> : null}</span>
              <code class="frame-hex">{spaced(frame.hex)}</code>
            </li>
          ))}
        </ol>
        {wanted.length > most ? <div class="buttons"><button type="button" class="button" onClick={() => setMost(most + SHOWN)}>{say('monitor.older', { count: Math.min(SHOWN, wanted.length - most) })}</button></div> : null}
        </>
      )}
    </section>
  );
}
