import { useLocale } from '../i18n/locale';
import { groupPoints } from '../lib/points';
import { routeHref } from '../lib/router';
import { ageNow } from '../state/reducer';
import type { LivePoint } from '../state/state';
import { Figure } from './figure';
import { Icon } from './icon';

interface Props {
  points: readonly LivePoint[];
  unfitted: readonly LivePoint[]; // offered by the device, and never once with a value
  now: number;
  lost: boolean;
}

export function PointsTable({ points, unfitted, now, lost }: Props) {
  const { t, role, plural } = useLocale();
  return (
    <div class="points">
      {groupPoints(points).map(({ group, points: some }) => (
        <table key={group} class="table">
          <caption>{t(`devices.group.${group}`)}</caption>
          <thead class="visually-hidden"><tr><th scope="col">{t('devices.point')}</th><th scope="col">{t('devices.value')}</th><th scope="col">{t('devices.age')}</th></tr></thead>
          <tbody>{some.map((point) => <PointRow key={point.id} point={point} now={now} lost={lost} />)}</tbody>
        </table>
      ))}
      {unfitted.length ? (
        <details class="unfitted">
          <summary>{plural('devices.unfitted', unfitted.length)}</summary>
          <p>{t('devices.unfitted.text')}</p>
          <ul>{unfitted.map((point) => <li key={point.id} title={point.role}>{role(point.role)}</li>)}</ul>
        </details>
      ) : null}
    </div>
  );
}

function PointRow({ point, now, lost }: { point: LivePoint; now: number; lost: boolean }) {
  const { t, role, age, named } = useLocale();
  const old = ageNow(point.age_ms, point.received, now);
  const quality = lost && point.quality === 'good' ? 'stale' : point.quality;
  const name = role(point.role);
  return (
    <tr class={`point is-${quality}`}>
      <th scope="row">
        <a href={routeHref('history', null, { series: point.id })} title={point.role} aria-label={t('devices.history', { name })}>{name}<Icon name="history" size={16} /></a>
      </th>
      <td class="point-value">{point.text && point.value !== null ? <span class={`figure is-${quality}`} title={String(point.value)}>{named(point.text)}</span> : <Figure value={point.value} unit={point.unit} quality={quality} age={old} />}</td>
      <td class="point-age">{quality === 'good' ? <span>{age(old)}</span> : <span class="quality"><Icon name={quality === 'stale' ? 'clock' : 'warning'} size={16} />{t(`quality.${quality}`)}{old === null ? '' : ` · ${age(old)}`}</span>}</td>
    </tr>
  );
}
