import { useState } from 'preact/hooks';
import type { Device, SeriesInfo } from '../api/types';
import { useLocale } from '../i18n/locale';
import { matches, splitSeries } from '../lib/series';
import { Icon } from './icon';

export const MOST_SERIES = 8;

interface Props {
  series: readonly SeriesInfo[];
  devices: readonly Device[];
  chosen: readonly string[];
  toggle: (id: string) => void;
  done: () => void;
}

// A searchable list of every recorded point, grouped by device.
export function SeriesPicker({ series, devices, chosen, toggle, done }: Props) {
  const { t, role } = useLocale();
  const [text, setText] = useState('');
  const full = chosen.length >= MOST_SERIES;
  const named = series.map((one) => {
    const { device, role: key } = splitSeries(one.id);
    return { id: one.id, unit: one.unit, deviceName: devices.find((d) => d.id === device)?.name ?? device, name: role(key) };
  });
  const found = named.filter((one) => matches(text, `${one.deviceName} ${one.name} ${one.id} ${one.unit}`));
  const groups = [...new Set(found.map((one) => one.deviceName))];
  return (
    <section class="card picker" aria-label={t('history.pick')}>
      <div class="picker-head">
        <div class="search">
          <Icon name="search" size={20} />
          <input type="search" class="input" autoFocus aria-label={t('history.pick.search')} placeholder={t('history.pick.search')} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </div>
        <span class="muted" aria-live="polite">{full ? t('history.pick.full') : t('history.pick.count', { count: chosen.length, most: MOST_SERIES })}</span>
        <button type="button" class="button button-strong" onClick={done}>{t('history.pick.done')}</button>
      </div>
      {found.length === 0 ? <p class="muted">{t('history.pick.none', { text })}</p> : null}
      <div class="picker-groups">
        {groups.map((group) => (
          <fieldset key={group} class="picker-group">
            <legend>{group}</legend>
            {found.filter((one) => one.deviceName === group).map((one) => {
              const on = chosen.includes(one.id);
              return (
                <label key={one.id} class="pick">
                  <input type="checkbox" checked={on} disabled={full && !on} onChange={() => toggle(one.id)} />
                  <span>{one.name}</span><span class="pick-unit">{one.unit}</span>
                </label>
              );
            })}
          </fieldset>
        ))}
      </div>
    </section>
  );
}
