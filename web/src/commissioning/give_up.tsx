// Giving up an upgrade that broke off or failed: asked for twice, with the firmware the device is left with.
import { useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Device, Problem, Upgrade } from '../api/types';
import { useLocale } from '../i18n/locale';
import type { Actions } from '../state/actions';
import { Failure } from './parts';
import { leftWith } from './upgrade_state';
import { useWords } from './words';

export function GiveUp({ device, upgrade, actions, onDone }: { device: Device; upgrade: Upgrade; actions: Actions; onDone: () => Promise<void> }) {
  const say = useWords();
  const { quantity } = useLocale();
  const [isAsking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { state, from, to } = leftWith(upgrade, device);
  async function giveUp() {
    setBusy(true);
    const answer = await actions.ask(() => commissioning.cancelUpgrade(device.id));
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    await Promise.all([onDone(), actions.loadAlarms()]);
  }
  if (!isAsking) return <div class="buttons"><button type="button" class="button" onClick={() => setAsking(true)}>{say('firmware.giveUp')}</button></div>;
  return (
    <div class="sure" role="group" aria-labelledby="give-up-sure">
      <p id="give-up-sure"><b>{say('firmware.giveUp.sure')}</b></p>
      <p>{say(`firmware.giveUp.${state}`, { from: from || say('firmware.unsaid'), to, percent: quantity(upgrade.percent, '%').text })}</p>
      <p class="field-help">{say('firmware.giveUp.after')}</p>
      <Failure problem={problem} />
      <div class="buttons">
        <button type="button" class="button button-danger" disabled={busy} onClick={() => void giveUp()}>{say('firmware.giveUp')}</button>
        <button type="button" class="button" disabled={busy} onClick={() => setAsking(false)}>{say('firmware.giveUp.not')}</button>
      </div>
    </div>
  );
}
