import { useEffect, useState } from 'preact/hooks';
import type { Actions } from '../state/actions';
import { Field, PasswordInput, TextInput } from '../components/inputs';
import { Notice, ProblemText } from '../components/notice';
import { useLocale } from '../i18n/locale';
import { Door } from './door';
import type { Problem } from '../api/types';

export function LoginView({ ended, actions, languages }: { ended: boolean; actions: Actions; languages: preact.ComponentChildren }) {
  const { t, age } = useLocale();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ problem: Problem; status: number } | null>(null);
  const [lockedUntil, setLockedUntil] = useState<number | null>(null);
  const left = useCountdown(lockedUntil);

  async function submit(event: Event) {
    event.preventDefault();
    setBusy(true);
    const outcome = await actions.logIn({ username: username.trim().toLowerCase(), password });
    if (outcome.ok) return;
    setBusy(false);
    setFailed(outcome);
    setPassword('');
    if (outcome.status === 429 && outcome.problem.retry_after_s) setLockedUntil(performance.now() + outcome.problem.retry_after_s * 1000);
    document.getElementById('password')?.focus();
  }

  return (
    <Door languages={languages}>
      <form onSubmit={(event) => void submit(event)} class="door-form">
        <h1>{t('login.title')}</h1>
        {left !== null ? <Notice tone="caution">{t('login.locked', { time: age(left) })}</Notice>
          : failed && failed.status !== 429 ? <Notice tone="bad">{failed.status === 401 ? t('login.wrong') : failed.status === 0 ? t('problem.noAnswer') : <ProblemText problem={failed.problem} />}</Notice>
          : ended ? <Notice tone="info">{t('login.ended')}</Notice> : null}
        <Field id="username" label={t('setup.username')}><TextInput id="username" name="username" autoComplete="username" autoCapitalize="none" spellcheck={false} autoFocus required value={username} onValue={setUsername} /></Field>
        <Field id="password" label={t('setup.password')}><PasswordInput id="password" name="password" autoComplete="current-password" required value={password} onValue={setPassword} /></Field>
        <button type="submit" class="button button-strong button-wide" disabled={busy || left !== null || !username || !password}>{t(busy ? 'login.working' : 'login.submit')}</button>
      </form>
    </Door>
  );
}

// ms left, ticking; null when there is nothing to wait for.
function useCountdown(until: number | null): number | null {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    if (until === null) return;
    setNow(performance.now());
    const timer = setInterval(() => setNow(performance.now()), 500);
    return () => clearInterval(timer);
  }, [until]);
  return until !== null && until > now ? until - now + 999 : null;
}
