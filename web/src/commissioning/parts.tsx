// Parts that several pages of commissioning share.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Profile, Use } from '../api/types';
import { Choice, Field, TextInput } from '../components/inputs';
import { Icon, type IconName } from '../components/icon';
import { Notice, ProblemText } from '../components/notice';
import type { Problem } from '../api/types';
import { useLocale } from '../i18n/locale';
import { routeHref } from '../lib/router';
import type { Actions, Answer } from '../state/actions';
import { productsText, searchProfiles } from './profile_search';
import { useWords } from './words';

export const USES: readonly Use[] = ['grid_meter', 'pv', 'hybrid', 'battery', 'charger', 'sub_meter'];
export const useIcons: Readonly<Record<Use, IconName>> = { grid_meter: 'grid', pv: 'sun', hybrid: 'battery', battery: 'battery', charger: 'limit', sub_meter: 'limit' };

export function Back({ children, to = routeHref('devices') }: { children: ComponentChildren; to?: string }) {
  return <a class="back" href={to}><Icon name="left" size={20} />{children}</a>;
}

// The refusals of a form, each at the field it is about. `rest` is what concerns no field that is shown.
export function useRefusal<F extends string>(problem: Problem | null, fields: readonly F[]) {
  const { retell } = useLocale();
  const isShown = problem?.field !== undefined && (fields as readonly string[]).includes(problem.field);
  const text = problem ? retell(problem) ?? [problem.text, problem.remedy].filter(Boolean).join(' – ') : '';
  return { at: (field: F): string | null => (isShown && problem?.field === field ? text : null), rest: isShown ? null : problem };
}

export function Failure({ problem }: { problem: Problem | null }) {
  const { t } = useLocale();
  if (!problem) return null;
  const isSilent = problem.kind === 'unavailable' && !problem.remedy;
  return <Notice tone="bad">{isSilent ? t('problem.noAnswer') : <ProblemText problem={problem} />}</Notice>;
}

export function UseField({ id, value, disabled, onValue, error }: { id: string; value: Use; disabled?: boolean; onValue: (use: Use) => void; error?: string | null }) {
  const { t } = useLocale();
  const say = useWords();
  return (
    <Field id={id} label={say('device.use')} error={error ?? null}>
      <Choice id={id} value={value} {...(disabled ? { disabled } : {})} options={USES.map((use) => [use, t(`devices.use.${use}`)] as const)} onValue={onValue} />
    </Field>
  );
}

// One field: words in, the family out.
export function ProfileField({ id, profiles, value, onValue, error }: { id: string; profiles: readonly Profile[]; value: string; onValue: (profile: Profile | null) => void; error?: string | null }) {
  const say = useWords();
  const [text, setText] = useState('');
  const chosen = profiles.find((one) => one.name === value);
  if (chosen) {
    return (
      <div class="field">
        <span class="field-title">{say('device.profile')}</span>
        <div class="chosen">
          <span class="chosen-text"><b>{productsText(chosen)}</b><span class="field-help">{say('device.profile.asDelivered', { unit: chosen.unit, baud: chosen.baud })}</span></span>
          <button type="button" class="button" onClick={() => onValue(null)}>{say('device.profile.change')}</button>
        </div>
      </div>
    );
  }
  const found = searchProfiles(profiles, text);
  return (
    <Field id={id} label={say('device.profile')} help={say('device.profile.help')} error={error ?? null}>
      <TextInput id={id} value={text} onValue={setText} autoComplete="off" autoCapitalize="none" spellcheck={false} error={error ?? null} />
      {text.trim() ? (
        <ul class="suggestions" aria-live="polite">
          {found.map((one) => (
            <li key={one.name}><button type="button" class="suggestion" onClick={() => onValue(one)}><b>{productsText(one)}</b><span class="muted">{one.name}</span></button></li>
          ))}
          {found.length === 0 ? <li class="muted">{say('device.profile.none')}</li> : null}
        </ul>
      ) : null}
    </Field>
  );
}

// What the gateway knows, asked once when the page opens; `again` asks anew.
export function useAsked<T>(actions: Actions, work: () => Promise<T>, inputs: readonly unknown[] = []): { value: T | null; problem: Problem | null; again: () => void } {
  const [state, setState] = useState<{ value: T | null; problem: Problem | null }>({ value: null, problem: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    void actions.ask(work).then((answer: Answer<T>) => {
      if (current) setState(answer.ok ? { value: answer.value, problem: null } : { value: null, problem: answer.problem });
    });
    return () => { current = false; };
  }, [...inputs, round]);
  return { ...state, again: () => setRound((n) => n + 1) };
}
