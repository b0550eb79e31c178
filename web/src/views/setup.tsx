import { useState } from 'preact/hooks';
import type { Actions } from '../state/actions';
import type { Problem } from '../api/types';
import { Field, PasswordInput, TextInput } from '../components/inputs';
import { Notice, ProblemText } from '../components/notice';
import { PasswordRules } from '../components/password_rules';
import { useLocale } from '../i18n/locale';
import { passwordRules, tidyCode, USERNAME } from '../lib/password';
import { Door } from './door';

export function SetupView({ actions, languages }: { actions: Actions; languages: preact.ComponentChildren }) {
  const { t, language, age } = useLocale();
  const [code, setCode] = useState('');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ problem: Problem; status: number } | null>(null);
  const rules = passwordRules(password, again, username);
  const badName = username !== '' && !USERNAME.test(username);
  const complete = code.length === 19 && username !== '' && !badName && Object.values(rules).every(Boolean);

  async function submit(event: Event) {
    event.preventDefault();
    setBusy(true);
    const outcome = await actions.setUp({ code, username, password, language });
    if (outcome.ok) return;
    setBusy(false);
    setFailed(outcome);
  }
  const wait = failed?.problem.retry_after_s;
  const codeError = failed?.status === 403 ? t('setup.wrongCode') : null;

  return (
    <Door languages={languages}>
      <form onSubmit={(event) => void submit(event)} class="door-form">
        <h1>{t('setup.title')}</h1>
        <p class="muted">{t('setup.lead')} {t('setup.installer')}</p>
        {failed && !codeError ? (
          <Notice tone="bad">{failed.status === 0 ? t('problem.noAnswer') : wait ? t('login.locked', { time: age(wait * 1000) }) : <ProblemText problem={failed.problem} />}</Notice>
        ) : null}
        <Field id="code" label={t('setup.code')} help={t('setup.code.help')} error={codeError}>
          <TextInput id="code" class="input code" autoComplete="one-time-code" autoCapitalize="characters" spellcheck={false} placeholder="XXXX-XXXX-XXXX-XXXX" autoFocus required value={code} error={codeError}
            onValue={(text) => { setCode(tidyCode(text)); setFailed(null); }} />
        </Field>
        <Field id="username" label={t('setup.username')} help={t('setup.username.help')} error={badName ? t('setup.username.bad') : null}>
          <TextInput id="username" autoComplete="username" autoCapitalize="none" spellcheck={false} required maxLength={32} value={username} error={badName ? 'bad' : null} onValue={(text) => setUsername(text.toLowerCase())} />
        </Field>
        <Field id="password" label={t('setup.password')} help={<PasswordRules rules={rules} />}>
          <PasswordInput id="password" autoComplete="new-password" required value={password} onValue={setPassword} />
        </Field>
        <Field id="again" label={t('setup.password.again')}>
          <PasswordInput id="again" autoComplete="new-password" required value={again} onValue={setAgain} />
        </Field>
        <button type="submit" class="button button-strong button-wide" disabled={busy || !complete}>{t(busy ? 'login.working' : 'setup.submit')}</button>
      </form>
    </Door>
  );
}
