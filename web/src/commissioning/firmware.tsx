// The firmware of a device: which it has, whether that is known to work, and another one sent through the gateway.
import { useEffect, useRef, useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Device, Problem, Upgrade } from '../api/types';
import { Facts } from '../components/device_facts';
import { Notice, ProblemText, Told } from '../components/notice';
import { useLocale } from '../i18n/locale';
import type { Actions } from '../state/actions';
import { GiveUp } from './give_up';
import { MAX_IMAGE_BYTES, uploadImage } from './image_upload';
import { Failure } from './parts';
import { hasStopped } from './upgrade_state';
import { useWords } from './words';

const REFRESH_MS = 1_000;
const UNDER_WAY: readonly Upgrade['state'][] = ['transferring', 'verifying', 'installing'];
const isUnderWay = (upgrade: Upgrade | null) => upgrade !== null && UNDER_WAY.includes(upgrade.state);

// What it does now, how fast, and a way to end it for as long as there is one.
function UnderWay({ upload, upgrade, onCancel }: { upload: number | null; upgrade: Upgrade | null; onCancel: () => void }) {
  const say = useWords();
  const { quantity, age } = useLocale();
  const share = upload !== null ? Math.floor(upload * 100) : upgrade?.percent ?? 0;
  const percent = quantity(share, '%').text;
  const phase = upgrade?.state === 'installing' ? 'installing' : upgrade?.state === 'verifying' ? 'verifying' : 'transferring';
  const pace = upload === null && upgrade?.bytes_per_s != null && upgrade.remaining_s !== null
    ? say('firmware.pace', { speed: quantity(Math.round(upgrade.bytes_per_s), 'B/s').text, time: age(upgrade.remaining_s * 1000) }) : '';
  return (
    <div class="firmware-progress">
      <p aria-live="polite"><b>{upload !== null ? say('firmware.uploading', { percent }) : say(`firmware.${phase}`, { percent })}</b></p>
      <div class="meter" role="progressbar" aria-label={say('firmware.title')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={share}>
        <div class="meter-fill" style={{ width: `${share}%` }} />
      </div>
      <p class="muted">{[upgrade?.to && upload === null ? say('firmware.versions', { from: upgrade.from ?? '', to: upgrade.to }) : '', pace].filter(Boolean).join(' · ')}</p>
      {upload === null ? <p class="field-help">{say(phase === 'installing' ? 'firmware.noStop' : 'firmware.handsOff')}</p> : null}
      {upload === null && phase !== 'installing' ? <div class="buttons"><button type="button" class="button" onClick={onCancel}>{say('firmware.cancel')}</button></div> : null}
    </div>
  );
}

function Result({ upgrade }: { upgrade: Upgrade }) {
  const say = useWords();
  if (upgrade.state === 'idle') return null;
  if (upgrade.state === 'done') return <Notice tone="good" title={say('firmware.done')}>{say('firmware.versions', { from: upgrade.from ?? '', to: upgrade.to ?? '' })}</Notice>;
  const title = upgrade.state === 'cancelled' ? 'firmware.cancelled' : upgrade.state === 'interrupted' ? 'firmware.interrupted' : 'firmware.failed';
  return <Notice tone="caution" title={say(title)}><Told text={upgrade.text} said={upgrade} /></Notice>;
}

export function FirmwareCard({ device, actions }: { device: Device; actions: Actions }) {
  const say = useWords();
  const [upgrade, setUpgrade] = useState<Upgrade | null>(null);
  const [upload, setUpload] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [sent, setSent] = useState(''); // the image that the problem is about
  const [file, setFile] = useState<File | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const look = async () => {
    const answer = await actions.ask(() => commissioning.upgrade(device.id));
    if (answer.ok) setUpgrade(answer.value);
  };
  useEffect(() => void look(), [device.id]);
  useEffect(() => {
    if (!isUnderWay(upgrade)) return;
    const timer = setTimeout(() => void look(), REFRESH_MS);
    return () => clearTimeout(timer);
  }, [upgrade]);

  async function begin(image: string, takesUnsupported = false) {
    setProblem(null);
    setSent(image);
    const answer = await actions.ask(() => commissioning.startUpgrade(device.id, image, takesUnsupported));
    if (answer.ok) {
      setUpgrade(answer.value);
      setFile(null);
    } else setProblem(answer.problem);
  }
  async function send() {
    if (!file) return;
    setProblem(null);
    setUpload(0);
    const answer = await actions.ask(() => uploadImage(device.id, file, setUpload));
    setUpload(null);
    if (answer.ok) await begin(answer.value);
    else setProblem(answer.problem);
  }
  async function stop() {
    const answer = await actions.ask(() => commissioning.cancelUpgrade(device.id));
    setProblem(answer.ok ? null : answer.problem);
    await look();
  }
  const isTooBig = (file?.size ?? 0) > MAX_IMAGE_BYTES;
  const isBusy = upload !== null || isUnderWay(upgrade);
  const { verdict, text } = device.firmware_support;
  const isDoubted = problem?.field === 'take_unsupported';
  const goesOn = upgrade?.state === 'interrupted' ? upgrade.image : null;
  return (
    <section class="card firmware" aria-labelledby="firmware-title">
      <h2 id="firmware-title">{say('firmware.title')}</h2>
      <Facts rows={[[say('firmware.now'), `${device.firmware || say('firmware.unsaid')} · ${say(`firmware.${verdict}`)}`]]} />
      {verdict === 'unsupported' ? <Notice tone="caution"><Told text={text} said={device.firmware_support} /></Notice> : null}
      {isDoubted ? (
        <Notice tone="caution" title={say('firmware.doubted')}
          action={<button type="button" class="button" onClick={() => void begin(sent, true)}>{say('firmware.anyway')}</button>}><ProblemText problem={problem} /></Notice>
      ) : <Failure problem={problem} />}
      {isBusy ? <UnderWay upload={upload} upgrade={upgrade} onCancel={() => void stop()} /> : null}
      {upgrade && !isBusy && !problem ? <Result upgrade={upgrade} /> : null}
      {isBusy || !device.takes_firmware ? null : (
        <>
          <input ref={input} id="image" type="file" class="visually-hidden" aria-label={say('firmware.choose')} tabIndex={-1} onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} />
          <div class="buttons">
            {goesOn && !file ? <button type="button" class="button button-strong" onClick={() => void begin(goesOn)}>{say('firmware.continue')}</button> : null}
            <button type="button" class="button firmware-file" onClick={() => input.current?.click()}>{file ? file.name : say('firmware.choose')}</button>
            {goesOn && !file ? null : <button type="button" class="button button-strong" disabled={!file || isTooBig} onClick={() => void send()}>{say('firmware.send')}</button>}
          </div>
          <p class="field-help">{say(isTooBig ? 'firmware.size' : 'firmware.resume')}</p>
        </>
      )}
      {hasStopped(upgrade) && !isBusy && !file ? <GiveUp key={upgrade.state} device={device} upgrade={upgrade} actions={actions} onDone={look} /> : null}
      {device.takes_firmware ? null : <p class="field-help">{say('firmware.notHere')}</p>}
    </section>
  );
}
