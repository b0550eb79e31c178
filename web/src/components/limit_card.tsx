import type { Overview } from '../api/types';
import { useLocale } from '../i18n/locale';
import { Icon } from './icon';

// Whether it holds back now; nobody can say while the grid meter is silent.
function LimitState({ active, exceeded, known }: { active: boolean; exceeded: boolean; known: boolean }) {
  const { t } = useLocale();
  if (exceeded) return <span class="pill pill-active"><Icon name="warning" size={18} />{t('overview.limit.exceeded')}</span>;
  if (!known && !active) return <span class="pill"><Icon name="clock" size={18} />{t('app.unknown')}</span>;
  return <span class={`pill ${active ? 'pill-active' : ''}`}><Icon name={active ? 'limit' : 'check'} size={18} />{t(active ? 'overview.limit.active' : 'overview.limit.idle')}</span>;
}

// The feed-in limit as a track: how much of what is allowed flows into the grid now.
export function LimitCard({ limit, grid }: { limit: Overview['feed_in_limit']; grid: number | null }) {
  const { t, quantity } = useLocale();
  const { mode, limit_w, active, exceeded } = limit;
  const feedIn = grid === null ? null : Math.max(0, -grid);
  const share = limit_w && feedIn !== null ? Math.min(1, feedIn / limit_w) : null;
  const title =
    mode === 'none' ? t('overview.limit.none')
    : mode === 'zero' ? t('overview.limit.zero')
    : limit_w === null ? t('overview.limit.unknown')
    : quantity(limit_w, 'W').text;
  return (
    <section class="card limit" aria-labelledby="limit-title">
      <div class="limit-head">
        <h2 id="limit-title">{t('overview.limit')}</h2>
        {mode === 'none' ? null : (
          <LimitState active={active} exceeded={exceeded} known={grid !== null} />
        )}
      </div>
      <p class="limit-value">
        {title}
        {mode === 'percent' ? <span class="limit-note">{t('overview.limit.percent', { percent: quantity(limit.value, '%').text })}</span> : null}
      </p>
      {share === null ? null : (
        <div class="limit-track" role="meter" aria-label={t('flow.grid.backward')} aria-valuemin={0} aria-valuemax={Math.round(limit_w!)} aria-valuenow={Math.round(feedIn!)}
          aria-valuetext={`${quantity(feedIn, 'W').text} / ${quantity(limit_w, 'W').text}`}>
          <div class="limit-fill" style={{ width: `${share * 100}%` }} />
        </div>
      )}
      {share === null ? null : (
        <p class="limit-legend"><span>{t('flow.grid.backward')} {quantity(feedIn, 'W').text}</span><span>{t('overview.limit.room', { power: quantity(Math.max(0, limit_w! - feedIn!), 'W').text })}</span></p>
      )}
    </section>
  );
}
