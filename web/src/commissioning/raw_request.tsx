// One request by hand to any device of a line.
import { useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Bus, Problem, RawAnswer, RawRequest } from '../api/types';
import { Choice, Field, TextInput } from '../components/inputs';
import { Notice } from '../components/notice';
import { useLocale } from '../i18n/locale';
import { formatLatency } from '../lib/format';
import type { Actions } from '../state/actions';
import { hexBytes, registers, wholeNumber } from './fields';
import { spaced } from './frames';
import { Failure } from './parts';
import { useWords } from './words';

const FUNCTIONS = ['3', '4', '1', '2', '6', '16', 'pdu'] as const;
type Function = (typeof FUNCTIONS)[number];
interface Draft { unit: string; function: Function; address: string; count: string; values: string; pdu: string }

const READING_CODES: readonly number[] = [1, 2, 3, 4, 7, 11, 12, 17, 20, 24, 43];

function requestOf(draft: Draft): { request: RawRequest; isWrite: boolean } | null {
  const unit = wholeNumber(draft.unit, 0, 255);
  if (unit === null) return null;
  if (draft.function === 'pdu') {
    const pdu = hexBytes(draft.pdu);
    return pdu === null ? null : { request: { unit, pdu }, isWrite: !READING_CODES.includes(parseInt(pdu.slice(0, 2), 16)) };
  }
  const code = Number(draft.function);
  const address = wholeNumber(draft.address, 0, 65535);
  if (address === null) return null;
  if (code === 6 || code === 16) {
    const values = registers(draft.values);
    return values === null || (code === 6 && values.length !== 1) ? null : { request: { unit, function: code, address, values }, isWrite: true };
  }
  const count = wholeNumber(draft.count, 1, code <= 2 ? 2000 : 125);
  return count === null ? null : { request: { unit, function: code, address, count }, isWrite: false };
}

export function RawRequestForm({ bus, actions }: { bus: Bus; actions: Actions }) {
  const say = useWords();
  const [draft, setDraft] = useState<Draft>({ unit: String(bus.units[0]?.unit ?? 1), function: '3', address: '0', count: '10', values: '', pdu: '' });
  const [answer, setAnswer] = useState<{ request: RawRequest; told: RawAnswer } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const edit = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const wanted = requestOf(draft);
  const isWriting = draft.function === '6' || draft.function === '16' || (draft.function === 'pdu' && wanted?.isWrite === true);
  async function submit(event: Event) {
    event.preventDefault();
    if (!wanted) return;
    setBusy(true);
    setProblem(null);
    setAnswer(null);
    const told = await actions.ask(() => commissioning.ask(bus.id, wanted.request));
    setBusy(false);
    if (told.ok) setAnswer({ request: wanted.request, told: told.value });
    else setProblem(told.problem);
  }
  return (
    <section class="card raw" aria-labelledby="raw-title">
      <h2 id="raw-title">{say('raw.title')}</h2>
      <form class="door-form" onSubmit={(event) => void submit(event)}>
        <div class="form-pair">
          <Field id="raw-unit" label={say('raw.unit')}><TextInput id="raw-unit" value={draft.unit} onValue={(unit) => edit({ unit })} inputMode="decimal" autoComplete="off" /></Field>
          <Field id="raw-function" label={say('raw.function')}><Choice<Function> id="raw-function" value={draft.function} options={FUNCTIONS.map((one) => [one, say(`raw.function.${one}`)] as const)} onValue={(one) => edit({ function: one })} /></Field>
        </div>
        {draft.function === 'pdu' ? <Field id="raw-pdu" label={say('raw.pdu')} help={say('raw.pdu.help')}><TextInput id="raw-pdu" class="input code" value={draft.pdu} onValue={(pdu) => edit({ pdu })} autoComplete="off" autoCapitalize="characters" spellcheck={false} /></Field> : (
          <div class="form-pair">
            <Field id="raw-address" label={say('raw.address')} help={say('raw.address.help')}><TextInput id="raw-address" value={draft.address} onValue={(address) => edit({ address })} inputMode="decimal" autoComplete="off" /></Field>
            {isWriting ? <Field id="raw-values" label={say('raw.values')} help={say('raw.values.help')}><TextInput id="raw-values" value={draft.values} onValue={(values) => edit({ values })} autoComplete="off" /></Field>
              : <Field id="raw-count" label={say('raw.count')}><TextInput id="raw-count" value={draft.count} onValue={(count) => edit({ count })} inputMode="decimal" autoComplete="off" /></Field>}
          </div>
        )}
        {isWriting ? <Notice tone="caution">{say('raw.danger')}</Notice> : null}
        <button type="submit" class={`button button-wide ${isWriting ? 'button-danger' : 'button-strong'}`} disabled={!wanted || busy}>{say(isWriting ? 'raw.write' : 'raw.ask')}</button>
      </form>
      <div aria-live="polite">
        <Failure problem={problem} />
        {answer ? <Told {...answer} /> : null}
      </div>
    </section>
  );
}

function Told({ request, told }: { request: RawRequest; told: RawAnswer }) {
  const { locale } = useLocale();
  const say = useWords();
  const values = told.values ?? [];
  const first = request.address ?? 0;
  const areRegisters = request.function === 3 || request.function === 4;
  return (
    <div class="raw-answer">
      <p class="muted">{say('raw.took', { time: formatLatency(told.took_ms * 1000, locale) })}</p>
      {told.exception ? <Notice tone="caution">{say('raw.exception', { text: told.exception.text })}</Notice> : null}
      <code class="frame-hex">{spaced(told.pdu)}</code>
      {values.length && areRegisters ? (
        <div class="table-scroll" tabIndex={0} role="group" aria-label={say('raw.values')}>
          <table class="table">
            <thead><tr><th scope="col">{say('raw.register')}</th><th scope="col">{say('raw.value')}</th><th scope="col">{say('raw.signed')}</th><th scope="col">{say('raw.hex')}</th></tr></thead>
            <tbody>{values.map((value, i) => <tr key={i}><th scope="row">{first + i}</th><td>{value}</td><td>{value > 0x7fff ? value - 0x10000 : value}</td><td><code>{value.toString(16).padStart(4, '0').toUpperCase()}</code></td></tr>)}</tbody>
          </table>
        </div>
      ) : values.length ? <p class="bits">{values.join(' ')}</p> : null}
    </div>
  );
}
