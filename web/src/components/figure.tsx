import { useLocale } from '../i18n/locale';
import { formatExact } from '../lib/format';
import type { Quality } from '../api/types';

interface Props {
  value: number | null | undefined;
  unit: string;
  quality?: Quality;
  age?: number | null; // ms; shown on hover with the exact value
  magnitude?: boolean; // the direction is said in words beside it
}

// A number with its unit. Hover or focus of its place shows every digit and the age.
export function Figure({ value, unit, quality = 'good', age, magnitude }: Props) {
  const { quantity, locale, t, age: ageText } = useLocale();
  const shown = quantity(magnitude && typeof value === 'number' ? Math.abs(value) : value, unit);
  const exact = [formatExact(value, unit, locale)];
  if (age !== undefined && age !== null) exact.push(t('app.ago', { age: ageText(age) }));
  if (quality !== 'good') exact.push(t(`quality.${quality}`));
  const known = value !== null && value !== undefined;
  return (
    <span class={`figure is-${known ? quality : 'unknown'}`} title={exact.join(' · ')}>
      <span class="figure-number">{shown.number}</span>
      {known && shown.unit ? <span class="figure-unit">{'\u00a0'}{shown.unit}</span> : null}
      {known ? null : <span class="visually-hidden">{t('app.unknown')}</span>}
    </span>
  );
}
