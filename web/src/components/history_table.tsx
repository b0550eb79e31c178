import { useState } from 'preact/hooks';
import type { Device, HistorySeries } from '../api/types';
import { tableRows } from '../charts/series_data';
import { useLocale } from '../i18n/locale';
import { formatExact } from '../lib/format';
import { seriesName } from '../lib/series';

const ROWS = 48;

// The curves in numbers, for those who read rather than look.
export function HistoryTable({ results, devices, from, to }: { results: readonly HistorySeries[]; devices: readonly Device[]; from: number; to: number }) {
  const { t, time, age, locale, role } = useLocale();
  const [open, setOpen] = useState(false);
  const rows = open ? tableRows(results, from, to, ROWS) : [];
  const stamp: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', ...(to - from < ROWS * 60_000 ? { second: '2-digit' } : {}) };
  return (
    <details class="card as-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('history.table')}</summary>
      {open ? (
        <>
          <p class="muted">{t('history.table.note', { step: age((to - from) / ROWS), count: ROWS })}</p>
          <div class="table-scroll" tabIndex={0} role="group" aria-label={t('history.table')}>
            <table class="table numbers">
              <thead><tr><th scope="col">{t('history.table.time')}</th>{results.map((one) => <th scope="col" key={one.series}>{seriesName(one.series, devices, role)}{one.unit ? ` (${one.unit})` : ''}</th>)}</tr></thead>
              <tbody>{rows.map((row) => <tr key={row.at}><th scope="row">{time(row.at, stamp)}</th>{row.values.map((value, i) => <td key={i}>{formatExact(value === null ? null : Math.round(value * 1000) / 1000, '', locale)}</td>)}</tr>)}</tbody>
            </table>
          </div>
        </>
      ) : null}
    </details>
  );
}
