// Device packs: families this gateway learnt from a file, beside those that are shipped with it.
import { useRef, useState } from 'preact/hooks';
import { commissioning } from '../api/commissioning';
import type { Problem, Profile } from '../api/types';
import { Loading, Notice, ProblemNotice } from '../components/notice';
import { useLocale } from '../i18n/locale';
import { routeHref } from '../lib/router';
import type { Actions } from '../state/actions';
import { Back, Failure, useAsked } from './parts';
import { MAX_PACK_BYTES, packName } from './pack_file';
import { productsText } from './profile_search';
import { useWords } from './words';

export function Packs({ actions }: { actions: Actions }) {
  const say = useWords();
  const asked = useAsked<Profile[]>(actions, commissioning.profiles);
  const packs = asked.value?.filter((one) => one.pack);
  return (
    <div class="page narrow">
      <Back to={routeHref('devices', null, { tab: 'add' })}>{say('add.title')}</Back>
      <div class="page-head"><h1>{say('packs.title')}</h1></div>
      <p class="muted lead">{say('packs.lead')}</p>
      {asked.problem ? <ProblemNotice problem={asked.problem} retry={asked.again} /> : null}
      {packs && asked.value ? (
        <>
          <NewPack actions={actions} known={asked.value} onAdded={asked.again} />
          {packs.length === 0 ? <p class="muted">{say('packs.none')}</p> : packs.map((pack) => <Pack key={pack.name} actions={actions} pack={pack} onRemoved={asked.again} />)}
        </>
      ) : asked.problem ? null : <Loading />}
    </div>
  );
}

interface Chosen { file: string; name: string | null; text: string; isTooBig: boolean }

function NewPack({ actions, known, onAdded }: { actions: Actions; known: readonly Profile[]; onAdded: () => void }) {
  const say = useWords();
  const input = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [added, setAdded] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function choose(file: File | undefined) {
    setProblem(null);
    setAdded(null);
    if (!file) return;
    const isTooBig = file.size > MAX_PACK_BYTES;
    const text = isTooBig ? '' : await file.text();
    setChosen({ file: file.name, name: packName(text), text, isTooBig });
  }
  async function add(name: string, text: string, overShipped: boolean) {
    setBusy(true);
    setProblem(null);
    const answer = await actions.ask(() => commissioning.addProfile(name, text, overShipped));
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    setChosen(null);
    setAdded(answer.value.name);
    onAdded();
  }
  const same = chosen?.name ? known.find((one) => one.name === chosen.name) : undefined;
  const isOverShipped = same !== undefined && (!same.pack || same.over_shipped);
  const name = chosen?.name ?? null;
  return (
    <section class="card" aria-labelledby="pack-title">
      <h2 id="pack-title">{say('packs.add')}</h2>
      <input ref={input} id="pack" type="file" accept=".yaml,.yml" class="visually-hidden" aria-label={say('packs.choose')} tabIndex={-1}
        onChange={(event) => void choose(event.currentTarget.files?.[0])} />
      {chosen?.isTooBig ? <Notice tone="bad">{say('packs.tooBig')}</Notice>
        : chosen && !name ? <Notice tone="bad">{say('packs.noName')}</Notice>
          : same ? <Notice tone="caution" title={say(isOverShipped ? 'packs.overShipped' : 'packs.again', { name: same.name })}>{say('packs.atOnce')}</Notice> : null}
      <Failure problem={problem} />
      {added ? <Notice tone="info" action={<a class="button" href={routeHref('devices', null, { tab: 'find' })}>{say('packs.find')}</a>}>{say('packs.added', { name: added })}</Notice> : null}
      <div class="buttons">
        <button type="button" class="button firmware-file" onClick={() => input.current?.click()}>{chosen ? chosen.file : say('packs.choose')}</button>
        <button type="button" class="button button-strong" disabled={busy || !name || !chosen || chosen.isTooBig} onClick={() => name && chosen && void add(name, chosen.text, isOverShipped)}>
          {say(busy ? 'add.working' : same ? 'packs.replace' : 'packs.submit')}
        </button>
      </div>
      <p class="field-help">{say('packs.check')}</p>
    </section>
  );
}

function Pack({ actions, pack, onRemoved }: { actions: Actions; pack: Profile; onRemoved: () => void }) {
  const { t } = useLocale();
  const say = useWords();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function remove() {
    setBusy(true);
    const answer = await actions.ask(() => commissioning.removeProfile(pack.name));
    setBusy(false);
    setAsking(false);
    if (!answer.ok) return setProblem(answer.problem);
    onRemoved();
  }
  return (
    <section class="card" aria-label={pack.name}>
      <h2>{productsText(pack)}</h2>
      <p class="muted">{pack.name} · {pack.uses.map((use) => t(`devices.use.${use}`)).join(', ')}</p>
      {pack.over_shipped ? <p>{say('packs.isOverShipped')}</p> : null}
      {pack.problem ? <Notice tone="bad">{pack.problem}</Notice> : null}
      <Failure problem={problem} />
      {asking ? (
        <div class="sure" role="group" aria-label={say('packs.remove', { name: pack.name })}>
          <p><b>{say(pack.over_shipped ? 'packs.sureShipped' : 'packs.sure', { name: pack.name })}</b></p>
          <div class="buttons">
            <button type="button" class="button button-danger" disabled={busy} onClick={() => void remove()}>{say('setup.remove.submit')}</button>
            <button type="button" class="button" disabled={busy} onClick={() => setAsking(false)}>{say('setup.keep')}</button>
          </div>
        </div>
      ) : <div class="buttons"><button type="button" class="button" onClick={() => setAsking(true)}>{say('packs.remove', { name: pack.name })}</button></div>}
    </section>
  );
}
