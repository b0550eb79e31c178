import type { ChainLink, Decision, Device } from '../api/types';
import { CLOCK, DAY_CLOCK, useLocale } from '../i18n/locale';
import type { Episode } from '../lib/decisions';
import { Chain } from './chain';
import { amountText, setpointText } from './setpoint_words';
import { Reason } from './reason';
import { Icon, type IconName } from './icon';

const icons: Record<Decision['state'], IconName> = { pending: 'clock', in_force: 'check', refused: 'warning', unreachable: 'lost', released: 'signOut' };

interface Props { episode: Episode; device: Device | undefined; open: boolean; toggle: () => void; today: boolean }

export function DecisionItem({ episode, device, open, toggle, today }: Props) {
  const locale = useLocale();
  const { t, plural, time } = locale;
  const { newest, all, low, high } = episode;
  const amount = (value: number | null) => amountText(newest, value, locale);
  const id = `chain-${newest.at}-${newest.device}-${newest.role}`.replace(/[^\w-]/g, '_');
  return (
    <li class={`decision is-${newest.state}`}>
      <button type="button" class="decision-head" aria-expanded={open} aria-controls={id} onClick={toggle}>
        <time class="decision-time" dateTime={new Date(newest.at).toISOString()}>{time(newest.at, today ? CLOCK : DAY_CLOCK)}</time>
        <span class="decision-what">
          <span class="decision-device">{device?.name ?? newest.device}</span>
          <span class="decision-set">{setpointText(newest, locale)}</span>
          <span class="decision-why"><Reason link={reason(newest)} />{all.length > 1 ? ` · ${amount(low) === amount(high) ? plural('why.same', all.length) : plural('why.repeated', all.length, { low: amount(low), high: amount(high) })}` : ''}</span>
        </span>
        <span class={`pill state-${newest.state}`}><Icon name={icons[newest.state]} size={16} />{t(`why.state.${newest.state}`)}</span>
        <Icon name="down" size={20} />
      </button>
      {open ? (
        <div class="decision-body" id={id}>
          <Chain decision={newest} />
          <p class="decision-notes">
            {newest.read_back === null ? null : <span><Icon name="check" size={16} />{t('why.readBack', { value: amount(newest.read_back) })}</span>}
            {newest.value === null ? <span>{t('why.released')}</span> : <span><Icon name="clock" size={16} />{t('why.expires', { time: time(newest.expires, CLOCK) })}</span>}
          </p>
        </div>
      ) : <div id={id} hidden />}
    </li>
  );
}

// What shaped the result: the limit that cut the wish back, else the wish itself.
function reason({ chain }: Decision): ChainLink | undefined {
  const result = chain.find((link) => link.kind === 'result');
  const limit = chain.findLast((link) => link.kind === 'limit' && link.rank === result?.rank && link.source === result.source);
  return limit ?? chain.find((link) => link.kind === 'request') ?? chain.at(-1);
}
