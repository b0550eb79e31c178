import type { Connection } from '../state/state';
import { useLocale } from '../i18n/locale';
import { Icon } from './icon';

// Small lamp with a word, always in sight.
export function ConnectionLamp({ connection }: { connection: Connection }) {
  const { t } = useLocale();
  return <span class={`lamp is-${connection.kind}`}><span class="lamp-dot" />{t(`connection.${connection.kind}`)}</span>;
}

// A normal state with its own calm look, not an error page.
export function ConnectionBanner({ connection, now, retry }: { connection: Connection; now: number; retry: () => void }) {
  const { t, age } = useLocale();
  if (connection.kind !== 'lost') return null;
  const wait = connection.retryAt - now;
  return (
    <div class="banner">
      <Icon name="lost" />
      <div class="banner-text">
        <p class="banner-title">{t('connection.lost.title', { age: age(now - connection.since) })}</p>
        <p>{t('connection.lost.text')} <span class="banner-next">{wait > 0 ? t('connection.lost.next', { time: age(wait + 999) }) : t('connection.lost.trying')}</span></p>
      </div>
      <button type="button" class="button" onClick={retry}>{t('connection.lost.now')}</button>
    </div>
  );
}
