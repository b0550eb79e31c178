// Energy per hour as our own SVG: sources stand on the line, uses hang from it.
import { useMemo, useState } from 'preact/hooks';
import type { Energy } from '../api/types';
import { useLocale } from '../i18n/locale';
import { useWidth } from '../components/use_width';
import { blocksOf, columnsOf, extent, SOURCES, USES, type Column, type Part } from './energy_data';
import { axisScale, niceStep, tickText } from './ticks';

const HEIGHT = 220;
const PAD = { top: 24, right: 4, bottom: 26, left: 44 };

export function EnergyBars({ energy }: { energy: Energy }) {
  const { t, locale, time } = useLocale();
  const [ref, width] = useWidth<HTMLDivElement>();
  const [selected, setSelected] = useState<number | null>(null);
  const columns = useMemo(() => columnsOf(energy), [energy]);
  const { up, down } = extent(columns);
  const { factor, unit } = axisScale(Math.max(up, -down, 1000), 'Wh');
  const step = niceStep(Math.max(up - down, 200), 8);
  const top = Math.max(step, Math.ceil(up / step) * step);
  const bottom = Math.min(-step, Math.floor(down / step) * step);
  const inner = { width: Math.max(0, width - PAD.left - PAD.right), height: HEIGHT - PAD.top - PAD.bottom };
  const y = (wh: number) => PAD.top + ((top - wh) / (top - bottom)) * inner.height;
  const slot = inner.width / Math.max(1, columns.length);
  const x = (i: number) => PAD.left + i * slot;
  const hour = (at: number) => time(at, { hour: '2-digit', minute: '2-digit' });
  const every = slot * 3 > 44 ? 3 : 6;
  const ticks: number[] = [];
  for (let v = bottom; v <= top + step / 2; v += step) ticks.push(Math.round(v / step) * step);

  const pick = (event: { clientX: number; currentTarget: EventTarget }) => {
    const left = (event.currentTarget as Element).getBoundingClientRect().left;
    const i = Math.floor((event.clientX - left - PAD.left) / slot);
    setSelected(i >= 0 && i < columns.length ? i : null);
  };
  const keys = (event: KeyboardEvent) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    setSelected((now) => Math.max(0, Math.min(columns.length - 1, (now ?? columns.length) + move)));
  };

  return (
    <div class="energy">
      <div class="energy-plot" ref={ref} tabIndex={0} role="group" aria-label={t('overview.day')} aria-describedby="energy-readout"
        onPointerMove={pick} onPointerDown={pick} onPointerLeave={() => setSelected(null)} onKeyDown={keys} onBlur={() => setSelected(null)}>
        {width > 0 ? (
          <svg width={width} height={HEIGHT} aria-hidden="true">
            {ticks.map((v) => (
              <g key={v}>
                <line class={v === 0 ? 'axis-zero' : 'axis-grid'} x1={PAD.left} x2={width - PAD.right} y1={Math.round(y(v)) + 0.5} y2={Math.round(y(v)) + 0.5} />
                <text class="axis-text" x={PAD.left - 8} y={y(v) + 4} text-anchor="end">{tickText(Math.abs(v) / factor, step / factor, locale)}</text>
              </g>
            ))}
            <text class="axis-text axis-unit" x={PAD.left - 8} y={12} text-anchor="end">{unit}</text>
            {columns.map((column, i) => (
              <g key={column.at} class={selected === i ? 'is-selected' : ''}>
                {selected === i ? <rect class="energy-cursor" x={x(i)} y={PAD.top} width={slot} height={inner.height} /> : null}
                <ColumnBlocks column={column} x={x(i)} width={slot} y={y} />
                {Number(hour(column.at).slice(0, 2)) % every === 0
                  ? <text class="axis-text" x={x(i)} y={HEIGHT - 8} text-anchor="middle">{hour(column.at)}</text> : null}
              </g>
            ))}
          </svg>
        ) : null}
      </div>
      <Legend column={selected === null ? null : columns[selected]!} hour={hour} />
    </div>
  );
}

function ColumnBlocks({ column, x, width, y }: { column: Column; x: number; width: number; y: (wh: number) => number }) {
  const gap = width > 10 ? 2 : 1;
  return (
    <>
      {blocksOf(column).map(({ part, from, to }) => {
        const edges = [y(from), y(to)];
        const topEdge = Math.min(...edges);
        return <rect key={part} class={`block-${part}`} x={x + gap} width={Math.max(1, width - 2 * gap)} y={topEdge} height={Math.max(0.5, Math.abs(edges[0]! - edges[1]!) - 1)} rx={1.5} />;
      })}
    </>
  );
}

function Legend({ column, hour }: { column: Column | null; hour: (at: number) => string }) {
  const { t, quantity } = useLocale();
  const entry = (part: Part) => (
    <span key={part} class={`legend-entry sum-${part}`}>
      <span class="swatch" />{t(`overview.today.${part}`)}
      {column ? <b class="legend-value">{quantity(column.parts[part], 'Wh').text}</b> : null}
    </span>
  );
  return (
    <div class="legend" id="energy-readout" aria-live="polite">
      <span class="legend-time">{column ? `${hour(column.at)} – ${hour(column.at + 3_600_000)}` : t('overview.day.sources')}</span>
      {SOURCES.map(entry)}
      <span class="legend-time">{column ? '' : t('overview.day.uses')}</span>
      {USES.map(entry)}
    </div>
  );
}
