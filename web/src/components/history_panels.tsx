import { lazy, Suspense } from '../lib/lazy';
import { useMemo, useState } from 'preact/hooks';
import type { Device, HistorySeries } from '../api/types';
import { assignLooks, type Look } from '../charts/colours';
import { groupByUnit, readingAt } from '../charts/series_data';
import { axisScale } from '../charts/ticks';
import { DAY_CLOCK, useLocale } from '../i18n/locale';
import { seriesName, splitSeries } from '../lib/series';
import { Icon } from './icon';

// uPlot comes with the first curve, not with the first view.
const TimeChart = lazy(async () => (await import('../charts/time_chart')).TimeChart);

interface Props {
  results: readonly HistorySeries[]; devices: readonly Device[]; from: number; to: number; theme: string;
  zoom: (from: number, to: number) => void; reset: () => void; remove: (id: string) => void;
}

export function HistoryPanels({ results, devices, from, to, theme, zoom, reset, remove }: Props) {
  const { t, time, role } = useLocale();
  const [cursor, setCursor] = useState<number | null>(null);
  const [fingers] = useState(() => matchMedia('(pointer: coarse)').matches);
  const looks = useMemo(() => assignLooks(results, devices), [results.map((one) => one.series).join(), devices.map((one) => one.id + one.use).join()]);
  const groups = useMemo(() => groupByUnit(results), [results]);
  const height = groups.length > 2 ? 200 : groups.length === 2 ? 240 : 360;
  const width = to - from;
  const keys = (event: KeyboardEvent) => {
    const moves: Record<string, readonly [number, number]> = {
      ArrowLeft: [from - width / 4, to - width / 4], ArrowRight: [from + width / 4, to + width / 4],
      '+': [from + width / 4, to - width / 4], '=': [from + width / 4, to - width / 4], '-': [from - width / 2, to + width / 2],
    };
    const move = moves[event.key];
    if (event.key === '0') reset();
    else if (move) zoom(move[0], move[1]);
    else return;
    event.preventDefault();
  };
  return (
    <div class="panels">
      {groups.map(({ unit, series }) => {
        const names = series.map((one) => seriesName(one.series, devices, role));
        const largest = Math.max(0, ...series.flatMap((one) => [Math.abs(Math.max(...one.max, 0)), Math.abs(Math.min(...one.min, 0))]));
        return (
          <section key={unit} class="card panel">
            <div class="panel-head"><span class="panel-unit">{axisScale(largest, unit).unit || t('history.noUnit')}</span><span class="panel-time">{cursor === null ? '' : time(cursor, { ...DAY_CLOCK, second: '2-digit' })}</span></div>
            <div tabIndex={0} role="group" class="panel-plot" aria-label={t('history.chart', { unit: unit || t('history.noUnit'), names: names.join(', ') })} aria-describedby="history-help" onKeyDown={keys}>
              <Suspense height={height}><TimeChart unit={unit} series={series} looks={looks} from={from} to={to} height={height} theme={theme} onZoom={zoom} onReset={reset} onCursor={setCursor} /></Suspense>
            </div>
            <ul class="curves">
              {series.map((one) => <Curve key={one.series} series={one} look={looks.get(one.series)!} devices={devices} cursor={cursor} remove={remove} />)}
            </ul>
          </section>
        );
      })}
      <p class="muted panel-help" id="history-help">{t(fingers ? 'history.help.touch' : 'history.help')} {t('history.band')}</p>
    </div>
  );
}

function Curve({ series, look, devices, cursor, remove }: { series: HistorySeries; look: Look; devices: readonly Device[]; cursor: number | null; remove: (id: string) => void }) {
  const { t, role, quantity } = useLocale();
  const { device, role: key } = splitSeries(series.series);
  const deviceName = devices.find((one) => one.id === device)?.name ?? device;
  const reading = cursor === null ? null : readingAt(series, cursor);
  const text = (value: number) => quantity(value, series.unit).text;
  const low = series.min.length ? Math.min(...series.min) : null;
  const high = series.max.length ? Math.max(...series.max) : null;
  return (
    <li class="curve">
      <Sample look={look} />
      <span class="curve-name"><b>{role(key)}</b> <span class="muted">{deviceName}</span></span>
      <span class="curve-values">
        {cursor !== null ? (reading ? <><b>{text(reading.mean)}</b> <span class="muted">{text(reading.min)} … {text(reading.max)}</span></> : <span class="muted">{t('history.gap')}</span>)
          : low !== null && high !== null ? <span class="muted">{text(low)} … {text(high)}</span> : <span class="muted">{t('history.gap')}</span>}
      </span>
      <button type="button" class="icon-button" aria-label={t('history.pick.remove', { name: `${deviceName} ${role(key)}` })} onClick={() => remove(series.series)}><Icon name="close" size={18} /></button>
    </li>
  );
}

// A piece of the curve as it is drawn; the colour below zero lies under the one above.
function Sample({ look }: { look: Look }) {
  const line = (ink: string, y: number) => <line x1={0} x2={28} y1={y} y2={y} style={{ stroke: `var(--${ink})` }} stroke-dasharray={look.dash.join(' ')} />;
  return <svg class="curve-line" width={28} height={12} aria-hidden="true">{look.below ? [line(look.ink, 3.5), line(look.below, 8.5)] : line(look.ink, 6)}</svg>;
}
