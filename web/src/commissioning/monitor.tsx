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
import { spaced, tell } from './frames';
import { Back, Failure } from './parts';
import { RawRequestForm } from './raw_request';
import { useWords } from './words';

const REFRESH_MS = 500;
const KEPT = 500; // frames; older ones are in the recording

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
          <Frames bus={bus} actions={actions} />
          <RawRequestForm bus={bus} actions={actions} />
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
        next.current = answer.value.next;
        setDropped((before) => before + answer.value.dropped);
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

function Frames({ bus, actions }: { bus: Bus; actions: Actions }) {
  const { time } = useLocale();
  const say = useWords();
  const [isPaused, setPaused] = useState(false);
  const [unit, setUnit] = useState('');
  const { frames, dropped, problem, clear } = useFrames(actions, bus.id, isPaused);
  const isTcp = bus.settings.kind === 'tcp' && bus.settings.framing === 'tcp';
  const told = frames.map((frame) => ({ frame, ...tell(frame, isTcp, say) }));
  const shown = (unit === '' ? told : told.filter((one) => String(one.unit) === unit)).toReversed();
  const units = [...new Set([...bus.units.map((one) => one.unit), ...told.flatMap((one) => (one.unit === null ? [] : [one.unit]))])].sort((a, b) => a - b);
  return (
    <section class="card monitor" aria-label={say('monitor.title', { bus: bus.id })}>
      <p class="muted">{say('monitor.lead')}</p>
      <div class="monitor-tools">
        <Field id="filter" label={say('monitor.filter')}>
          <Choice id="filter" value={unit} empty={say('monitor.all')} options={units.map((one) => [String(one), say('found.address', { unit: one })] as const)} onValue={setUnit} />
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
      )}
    </section>
  );
}
