// The firmware of a device: which it has, whether that is known to work, and another one sent through the gateway.
import { useEffect, useRef, useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Device, Problem, Upgrade } from '../api/types';
import { Facts } from '../components/device_facts';
import { Notice } from '../components/notice';
import { useLocale } from '../i18n/locale';
import type { Actions } from '../state/actions';
import { MAX_IMAGE_BYTES, uploadImage } from './image_upload';
import { Failure } from './parts';
import { useWords } from './words';

const REFRESH_MS = 1_000;
const isUnderWay = (upgrade: Upgrade | null) => upgrade?.state === 'transferring' || upgrade?.state === 'verifying';

export function FirmwareCard({ device, actions }: { device: Device; actions: Actions }) {
  const say = useWords();
  const { quantity } = useLocale();
  const [upgrade, setUpgrade] = useState<Upgrade | null>(null);
  const [upload, setUpload] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
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

  async function send() {
    if (!file) return;
    setProblem(null);
    setUpload(0);
    const answer = await actions.ask(async () => commissioning.startUpgrade(device.id, await uploadImage(device.id, file, setUpload)));
    setUpload(null);
    if (answer.ok) setUpgrade(answer.value);
    else setProblem(answer.problem);
  }
  const isTooBig = (file?.size ?? 0) > MAX_IMAGE_BYTES;
  const isBusy = upload !== null || isUnderWay(upgrade);
  const { verdict, text } = device.firmware_support;
  const percent = quantity(upload !== null ? Math.floor(upload * 100) : upgrade?.percent ?? 0, '%').text;
  return (
    <section class="card firmware" aria-labelledby="firmware-title">
      <h2 id="firmware-title">{say('firmware.title')}</h2>
      <Facts rows={[[say('firmware.now'), `${device.firmware || say('firmware.unsaid')} · ${say(`firmware.${verdict}`)}`]]} />
      {verdict === 'unsupported' ? <Notice tone="caution">{text}</Notice> : null}
      <Failure problem={problem} />
      {isBusy ? (
        <div class="firmware-progress">
          <p aria-live="polite"><b>{upload !== null ? say('firmware.uploading', { percent }) : upgrade?.state === 'verifying' ? say('firmware.verifying') : say('firmware.transferring', { percent })}</b></p>
          <div class="meter" role="progressbar" aria-label={say('firmware.title')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={upload !== null ? Math.floor(upload * 100) : upgrade?.percent ?? 0}>
            <div class="meter-fill" style={{ width: `${upload !== null ? upload * 100 : upgrade?.percent ?? 0}%` }} />
          </div>
          {upload === null ? <div class="buttons"><button type="button" class="button" onClick={() => void actions.ask(() => commissioning.cancelUpgrade(device.id)).then(look)}>{say('firmware.cancel')}</button></div> : null}
        </div>
      ) : null}
      {upgrade && !isBusy && upgrade.state !== 'idle' ? <Notice tone={upgrade.state === 'done' ? 'good' : 'caution'} title={say(upgrade.state === 'done' ? 'firmware.done' : upgrade.state === 'failed' ? 'firmware.failed' : 'firmware.cancelled')}>{upgrade.text}</Notice> : null}
      {isBusy || !device.takes_firmware ? null : (
        <>
          <input ref={input} id="image" type="file" class="visually-hidden" aria-label={say('firmware.choose')} tabIndex={-1} onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} />
          <div class="buttons">
            <button type="button" class="button" onClick={() => input.current?.click()}>{file ? file.name : say('firmware.choose')}</button>
            <button type="button" class="button button-strong" disabled={!file || isTooBig} onClick={() => void send()}>{say('firmware.send')}</button>
          </div>
          <p class="field-help">{say(isTooBig ? 'firmware.size' : 'firmware.resume')}</p>
        </>
      )}
    </section>
  );
}
