import { useState } from 'preact/hooks';
import type { PasswordChange } from '../api/types';
import type { Outcome } from '../state/actions';
import { useLocale } from '../i18n/locale';
import { passwordRules } from '../lib/password';
import { Field, PasswordInput } from './inputs';
import { Notice, ProblemText } from './notice';
import { PasswordRules } from './password_rules';

export function PasswordChangeForm({ username, change }: { username: string; change: (body: PasswordChange) => Promise<Outcome> }) {
  const { t, age } = useLocale();
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const rules = passwordRules(next, again, username);

  async function submit(event: Event) {
    event.preventDefault();
    const result = await change({ old, new: next });
    setOutcome(result);
    if (result.ok) [setOld, setNext, setAgain].forEach((clear) => clear(''));
  }
  const failure = outcome && !outcome.ok
    ? outcome.status === 403 || outcome.status === 401 ? t('settings.password.wrong')
      : outcome.problem.retry_after_s ? t('problem.retryAfter', { time: age(outcome.problem.retry_after_s * 1000) })
      : <ProblemText problem={outcome.problem} />
    : null;

  return (
    <details class="password-change">
      <summary class="button">{t('settings.password')}</summary>
      <form class="door-form" onSubmit={(event) => void submit(event)}>
        {outcome?.ok ? <Notice tone="good">{t('settings.password.done')}</Notice> : failure ? <Notice tone="bad">{failure}</Notice> : null}
        <input type="text" autoComplete="username" value={username} readOnly hidden />
        <Field id="old" label={t('settings.password.old')}><PasswordInput id="old" autoComplete="current-password" required value={old} onValue={setOld} /></Field>
        <Field id="next" label={t('settings.password.new')} help={<PasswordRules rules={rules} />}><PasswordInput id="next" autoComplete="new-password" required value={next} onValue={setNext} /></Field>
        <Field id="next-again" label={t('setup.password.again')}><PasswordInput id="next-again" autoComplete="new-password" required value={again} onValue={setAgain} /></Field>
        <button type="submit" class="button button-strong" disabled={!old || !Object.values(rules).every(Boolean)}>{t('settings.password.save')}</button>
      </form>
    </details>
  );
}
