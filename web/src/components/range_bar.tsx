import { useState } from 'preact/hooks';
import { useLocale } from '../i18n/locale';
import { addSpan, fromInputValue, lastHour, startOf, toInputValue, type Span } from '../lib/time';
import { Icon } from './icon';
import { Segmented } from './inputs';

export interface RangeChoice { span: Exclude<Span, 'year'> | 'hour' | 'custom'; from: number; to: number }
interface Props { range: RangeChoice; zoomed: boolean; now: number; choose: (range: RangeChoice) => void; reset: () => void }

const SPANS = ['hour', 'day', 'week', 'month', 'custom'] as const;

export function RangeBar({ range, zoomed, now, choose, reset }: Props) {
  const { t, zone } = useLocale();
  const pick = (span: RangeChoice['span']) => {
    if (span === 'custom') return choose({ ...range, span });
    if (span === 'hour') return choose({ span, ...lastHour(Math.min(now, range.to)) });
    const from = startOf(span, Math.min(now, Math.max(range.from, range.to - 1)), zone);
    choose({ span, from, to: addSpan(span, from, 1, zone) });
  };
  const step = (count: number) => {
    if (range.span === 'custom' || range.span === 'hour') {
      const width = range.to - range.from;
      return choose({ ...range, from: range.from + count * width, to: range.to + count * width });
    }
    const from = addSpan(range.span, range.from, count, zone);
    choose({ span: range.span, from, to: addSpan(range.span, from, 1, zone) });
  };
  return (
    <div class="range-bar">
      <Segmented name="span" label={t('history.range')} hideLabel value={range.span} options={SPANS.map((span) => [span, t(`history.${span}`)] as const)} onChange={pick} />
      <div class="range-steps">
        <button type="button" class="icon-button bordered" aria-label={t('history.earlier')} onClick={() => step(-1)}><Icon name="left" size={20} /></button>
        <span class="range-name" aria-live="polite">{rangeName(range, useLocale())}</span>
        <button type="button" class="icon-button bordered" aria-label={t('history.later')} disabled={range.to > now} onClick={() => step(1)}><Icon name="right" size={20} /></button>
      </div>
      {zoomed ? <button type="button" class="button" onClick={reset}>{t('history.reset')}</button> : null}
      {range.span === 'custom' ? <CustomRange key={`${range.from}-${range.to}`} range={range} choose={choose} /> : null}
    </div>
  );
}

function CustomRange({ range, choose }: { range: RangeChoice; choose: Props['choose'] }) {
  const { t, zone } = useLocale();
  const [from, setFrom] = useState(toInputValue(range.from, zone));
  const [to, setTo] = useState(toInputValue(range.to, zone));
  const [a, b] = [fromInputValue(from, zone), fromInputValue(to, zone)];
  const bad = a === null || b === null || a >= b;
  return (
    <form class="custom-range" onSubmit={(event) => { event.preventDefault(); if (!bad) choose({ span: 'custom', from: a, to: b }); }}>
      <label class="filter"><span>{t('history.from')}</span><input class="input" type="datetime-local" value={from} onInput={(event) => setFrom(event.currentTarget.value)} /></label>
      <label class="filter"><span>{t('history.to')}</span><input class="input" type="datetime-local" value={to} onInput={(event) => setTo(event.currentTarget.value)} /></label>
      <button type="submit" class="button button-strong" disabled={bad}>{t('history.apply')}</button>
      {bad ? <p class="field-error" role="status"><Icon name="warning" size={18} />{t('history.badRange')}</p> : null}
    </form>
  );
}

function rangeName({ span, from, to }: RangeChoice, { time }: ReturnType<typeof useLocale>): string {
  if (span === 'day') return time(from, { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' });
  if (span === 'month') return time(from, { month: 'long', year: 'numeric' });
  const days: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };
  if (span === 'week') return `${time(from, days)} – ${time(to - 1, { ...days, year: 'numeric' })}`;
  const clock: Intl.DateTimeFormatOptions = { ...days, hour: '2-digit', minute: '2-digit' };
  if (span === 'hour') return `${time(from, clock)} – ${time(to, { hour: '2-digit', minute: '2-digit' })}`;
  return `${time(from, clock)} – ${time(to, clock)}`;
}
