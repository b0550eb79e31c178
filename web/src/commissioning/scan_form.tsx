// What to search: lines, how far, the network, other baud rates.
import { useState } from 'preact/hooks';
import type { Bus, ScanOrder } from '../api/types';
import { Segmented, Switch } from '../components/inputs';
import { useWords } from './words';

const BAUDS: readonly number[] = [9600, 19200, 38400, 57600, 115200];

export function ScanForm({ buses, isRunning, hasRun, start }: { buses: readonly Bus[]; isRunning: boolean; hasRun: boolean; start: (order: ScanOrder) => void }) {
  const say = useWords();
  const lines = buses.filter((bus) => bus.settings.kind === 'serial' || bus.settings.framing === 'rtu');
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [last, setLast] = useState<'32' | '247'>('32');
  const [network, setNetwork] = useState(true);
  const [bauds, setBauds] = useState(false);
  const chosen = lines.filter((line) => !left.has(line.id));
  const isEmpty = chosen.length === 0 && !network;

  const toggle = (id: string) => setLeft((now) => new Set(now.has(id) ? [...now].filter((one) => one !== id) : [...now, id]));
  const submit = (event: Event) => {
    event.preventDefault();
    start({ lines: chosen.map(({ id }) => ({ bus: id, first: 1, last: Number(last) })), bauds: bauds && chosen.length ? [...BAUDS] : [], own_networks: network });
  };
  return (
    <form class="scan-form" onSubmit={submit}>
      <fieldset disabled={isRunning}>
        <legend class="field-title">{say('find.lines')}</legend>
        {lines.length === 0 ? <p class="muted">{say('find.lines.none')}</p> : null}
        <div class="checks">
          {lines.map((line) => (
            <label key={line.id} class="check">
              <input type="checkbox" checked={!left.has(line.id)} onChange={() => toggle(line.id)} />
              <span><b>{line.id}</b><span class="field-help">{line.link}</span></span>
            </label>
          ))}
        </div>
      </fieldset>
      {chosen.length ? <Segmented name="range" label={say('find.range.label')} value={last} disabled={isRunning} options={[['32', say('find.range.short')], ['247', say('find.range.long')]]} onChange={setLast} /> : null}
      {chosen.length ? <Switch id="bauds" checked={bauds} disabled={isRunning} label={say('find.bauds')} help={say('find.bauds.help')} onChange={setBauds} /> : null}
      <Switch id="network" checked={network} disabled={isRunning} label={say('find.network')} help={say('find.network.help')} onChange={setNetwork} />
      {isRunning ? null : (
        <div class="form-foot">
          <p class="muted">{isEmpty ? say('find.nothing') : ''}</p>
          <button type="submit" class="button button-strong" disabled={isEmpty}>{say(hasRun ? 'find.again' : 'find.start')}</button>
        </div>
      )}
    </form>
  );
}
