import type { Connection } from '../state/state';
import { useLocale } from '../i18n/locale';
import { routeHref, type PageName } from '../lib/router';
import { ConnectionLamp } from './connection';
import { Icon, Logo } from './icon';

const pages: readonly Exclude<PageName, 'alarms'>[] = ['overview', 'history', 'devices', 'why', 'settings'];

// A rail on wide screens; a top bar and tabs at the thumb on phones. CSS decides.
export function Navigation({ page, siteName, connection, alarms }: { page: PageName; siteName: string; connection: Connection; alarms: number }) {
  const { t, plural } = useLocale();
  const shown = alarms > 99 ? '99+' : String(alarms);
  return (
    <header class="chrome">
      <div class="brand">
        <div class="brand-id">
          <Logo />
          <span class="brand-text"><span class="brand-name">{siteName || 'Busbar'}</span><ConnectionLamp connection={connection} /></span>
        </div>
        <a class={`bell ${alarms ? 'has-alarms' : ''}`} href={routeHref('alarms')} aria-current={page === 'alarms' ? 'page' : undefined}
          aria-label={alarms ? `${t('nav.alarms')} ${shown}` : t('nav.alarms')} title={alarms ? plural('nav.alarms.count', alarms) : undefined}>
          <Icon name="alarms" /><span class="bell-label">{t('nav.alarms')}</span>{alarms ? ' ' : null}{alarms ? <span class="bell-count">{shown}</span> : null}
        </a>
      </div>
      <nav class="tabs" aria-label={t('app.navigation')}>
        {pages.map((name) => (
          <a key={name} href={routeHref(name)} class="tab" aria-current={name === page ? 'page' : undefined}>
            <Icon name={name} /><span>{t(`nav.${name}`)}</span>
          </a>
        ))}
      </nav>
    </header>
  );
}
