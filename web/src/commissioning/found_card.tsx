// One device that was found: who it is, where, and the way into the site.
import { useState } from 'preact/hooks';
import type { Device, Found, Profile } from '../api/types';
import { Choice, Field, TextInput } from '../components/inputs';
import { Icon } from '../components/icon';
import { Notice, Told } from '../components/notice';
import type { Problem } from '../api/types';
import { routeHref } from '../lib/router';
import { isName } from './fields';
import { groupOf, keyOf, titleOf, type Draft } from './found';
import { Failure, useIcons, UseField } from './parts';
import { productsText } from './profile_search';
import { useWords } from './words';

export interface Added { added: string }  // the device's id
export type Adding = 'waiting' | 'working' | Added | Problem;
export const isAdded = (how: Adding | undefined): how is Added => typeof how === 'object' && 'added' in how;

interface Props { found: Found; draft: Draft; profiles: readonly Profile[]; device: Device | undefined; adding: Adding | undefined; edit: (part: Partial<Draft>) => void; add: () => void }

export function FoundCard({ found, draft, profiles, device, adding, edit, add }: Props) {
  const say = useWords();
  const [isOpen, setOpen] = useState(false);
  const group = groupOf(found);
  const id = keyOf(found).replace(/[^A-Za-z0-9]+/g, '-');
  const isBusy = adding === 'working' || adding === 'waiting';
  const isDone = isAdded(adding) || group === 'known';
  const title = titleOf(found) || (group === 'unsure' && !isDone ? say('found.unknown') : draft.name);
  const candidates = found.candidates.map((name) => [name, nameOf(name, profiles)] as const);
  const isReady = draft.profile !== '' && isName(draft.name);
  const use = device?.use ?? draft.use;
  const isKnown = found.profile !== null || device !== undefined;
  const details = [device && device.name !== titleOf(found) ? titleOf(found) : '', found.place, say('found.address', { unit: found.unit }), found.baud ? say('found.baud', { baud: found.baud }) : '', found.serial ? say('found.serial', { serial: found.serial }) : '', found.firmware];
  return (
    <li class={`found ${isDone ? 'is-done' : ''}`}>
      <div class="found-head">
        <span class={`device-icon ${isKnown ? `use-${use}` : ''}`}><Icon name={isKnown ? useIcons[use] : 'search'} /></span>
        <div class="device-main">
          <h3 class="device-name">{device ? <a href={routeHref('devices', device.id)}>{device.name}</a> : title}</h3>
          <p class="device-kind">{details.filter(Boolean).join(' · ')}</p>
        </div>
        {isDone ? <span class="pill state-online"><span class="lamp-dot" />{say(isAdded(adding) ? 'found.added' : 'found.known')}</span>
          : adding === 'waiting' ? <span class="pill"><span class="lamp-dot" />{say('found.waiting')}</span> : null}
      </div>
      {isDone ? null : found.notes.map((note) => <Notice key={note.text} tone="caution"><Told text={note.text} said={note} /></Notice>)}
      {found.reason && !isDone ? <p class="field-help found-reason"><Told text={found.reason} said={found.reason_said} /></p> : null}
      {typeof adding === 'object' && !isAdded(adding) ? <Failure problem={adding} /> : null}
      {isDone ? null : (
        <>
          {group === 'unsure' && candidates.length ? (
            <Field id={`profile-${id}`} label={say('found.profile')}>
              <Choice id={`profile-${id}`} value={draft.profile} empty={say('found.profile.choose')} options={candidates} disabled={isBusy} onValue={(profile) => edit({ profile, ...useOf(profile, profiles) })} />
            </Field>
          ) : null}
          {isOpen ? (
            <div class="form-pair">
              <Field id={`name-${id}`} label={say('device.name')} error={isName(draft.name) ? null : say('device.name.bad')}>
                <TextInput id={`name-${id}`} value={draft.name} disabled={isBusy} onValue={(name) => edit({ name })} />
              </Field>
              <UseField id={`use-${id}`} value={draft.use} disabled={isBusy} onValue={(use) => edit({ use })} />
            </div>
          ) : null}
          <div class="buttons found-buttons">
            <button type="button" class="button button-strong" disabled={isBusy || !isReady} aria-label={say('found.addNamed', { name: draft.name })} onClick={add}><Icon name="plus" size={20} />{say('found.add')}</button>
            {isOpen ? null : <button type="button" class="button" disabled={isBusy} aria-label={say('found.editNamed', { name: draft.name })} onClick={() => setOpen(true)}>{say('found.edit')}</button>}
          </div>
        </>
      )}
    </li>
  );
}

const nameOf = (name: string, profiles: readonly Profile[]): string => {
  const profile = profiles.find((one) => one.name === name);
  return profile ? productsText(profile, 2) : name;
};
const useOf = (name: string, profiles: readonly Profile[]): Partial<Draft> => {
  const profile = profiles.find((one) => one.name === name);
  return profile ? { use: profile.use } : {};
};
