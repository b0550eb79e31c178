import type { Session } from '../api/types';
import { CLOCK, DAY_CLOCK, useLocale } from '../i18n/locale';
import { Icon } from './icon';

// After each login: who has been here. The first one is this login.
export function RecentLogins({ logins, close }: { logins: Session['last_logins']; close: () => void }) {
  const { t, time } = useLocale();
  return (
    <section class="card logins" aria-labelledby="logins-title">
      <div class="logins-text">
        <h2 id="logins-title">{t('login.recent.title')}</h2>
        <p class="muted">{t('login.recent.text')}</p>
      </div>
      <ul class="login-list">
        {logins.slice(0, 5).map((login, i) => (
          <li key={`${login.at}-${i}`} class={login.ok ? '' : 'is-failed'}>
            <Icon name={login.ok ? 'check' : 'warning'} size={18} />
            <span class="login-time">{i === 0 && login.ok ? t('login.recent.now') : time(login.at, DAY_CLOCK)}</span>
            <span class="login-from" title={time(login.at, { ...DAY_CLOCK, ...CLOCK })}>{login.address}</span>
            <span>{t(login.ok ? 'login.recent.ok' : 'login.recent.failed')}</span>
          </li>
        ))}
      </ul>
      <button type="button" class="button" onClick={close}>{t('login.recent.close')}</button>
    </section>
  );
}
