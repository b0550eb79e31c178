import type { ChainLink, Decision } from '../api/types';
import { useLocale } from '../i18n/locale';
import { axisOf, IntervalBar } from '../charts/interval_bar';
import { Icon, type IconName } from './icon';
import { en, type MessageKey } from '../i18n/en';
import { Reason } from './reason';
import { amountText } from './setpoint_words';

const icons: Record<ChainLink['kind'], IconName> = { request: 'info', limit: 'limit', result: 'check' };

// Who decided what, top to bottom, as one ladder: wish, limits in rank order, result.
export function Chain({ decision }: { decision: Decision }) {
  const language = useLocale();
  const { t } = language;
  const axis = axisOf(decision.chain);
  const amount = (value: number | null) => amountText(decision, value, language);
  const span = (link: ChainLink) =>
    link.value !== null ? amount(link.value)
    : link.low !== null && link.high !== null ? t('why.between', { low: amount(link.low), high: amount(link.high) })
    : link.high !== null ? t('why.atMost', { high: amount(link.high) })
    : link.low !== null ? t('why.atLeast', { low: amount(link.low) }) : '';
  const source = (name: string) => {
    const key = `why.source.${name}`;
    return key in en ? t(key as MessageKey) : name.replaceAll('_', ' ');
  };
  const wish = decision.chain.find((link) => link.kind === 'request');
  const words = (link: ChainLink) => {
    if (link.kind !== 'result' || link.text) return <Reason link={link} />;
    if (link.value === null || wish?.value === link.value) return t('why.result.asWished');
    return t('why.result.cut', { who: `${t(`why.rank.${link.rank}`)}, ${source(link.source)}` });
  };
  return (
    <ol class="chain" aria-label={t('why.chain')}>
      {decision.chain.map((link, i) => (
        <li key={i} class={`link link-${link.kind}`}>
          <span class="link-mark"><Icon name={icons[link.kind]} size={18} /></span>
          <div class="link-body">
            <p class="link-who"><span>{link.kind === 'result' ? t('why.kind.result') : t(`why.rank.${link.rank}`)}</span>{link.kind === 'result' || link.source === link.rank ? null : <span class="link-source">{source(link.source)}</span>}<b class="link-amount">{span(link)}</b></p>
            {axis ? <IntervalBar link={link} axis={axis} /> : null}
            <p class="link-text">{words(link)}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}
