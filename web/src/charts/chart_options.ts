// How our uPlot panels look and behave.
import uPlot from 'uplot';
import type { Locale } from '../i18n/locale';
import { cssColour, withAlpha, type Look } from './colours';
import { touchGestures } from './gestures';
import { axisScale, niceStep, tickText } from './ticks';

interface Setup {
  unit: string;
  locale: Locale;
  width: number;
  height: number;
  looks: readonly Look[]; // of each series
  range: () => [number, number]; // s
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  onCursor: (at: number | null) => void;
}

const FROM_ZERO = new Set(['W', 'var', 'A', 'Wh']);
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

export function chartOptions(setup: Setup): uPlot.Options {
  const { locale, unit } = setup;
  const ink = cssColour('--ink-2');
  const grid = { stroke: cssColour('--line'), width: 1 };
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  setup.looks.forEach((look) => {
    const colour = paint(look, 1);
    const mean = series.length;
    series.push({ stroke: colour, width: 2, dash: look.dash.map((px) => px * uPlot.pxRatio), points: { show: true, size: 6, width: 0, fill: colour, filter: (u, index) => lonely(u.data[index]!) }, spanGaps: false });
    for (let i = 0; i < 2; i += 1) series.push({ stroke: 'transparent', width: 0, points: { show: false }, spanGaps: false });
    bands.push({ series: [mean + 2, mean + 1], fill: paint(look, 0.16) });
  });
  return {
    width: setup.width,
    height: setup.height,
    series,
    bands,
    legend: { show: false },
    padding: [8, 22, 0, 0],
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), locale.zone),
    cursor: {
      sync: { key: 'history', setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { show: false },
      bind: { dblclick: () => () => (setup.onReset(), null) },
    },
    scales: {
      x: { time: true, range: (_, min, max) => (Number.isFinite(min) && Number.isFinite(max) ? [min, max] : setup.range()) },
      y: { range: (_, min, max) => yRange(min, max, unit) },
    },
    axes: [
      { stroke: ink, font: FONT, grid, ticks: { show: false }, gap: 6, size: 30, space: 64, values: (_, splits, __, ___, incr) => splits.map((at) => timeLabel(at * 1000, incr, locale)) },
      { stroke: ink, font: FONT, grid, ticks: { show: false }, gap: 8, size: 56, space: 34, values: (u, splits) => yLabels(u, splits, unit, locale) },
    ],
    plugins: [touchGestures(setup.onZoom)],
    hooks: {
      init: [(u) => u.setScale('x', { min: setup.range()[0], max: setup.range()[1] })],
      setSelect: [(u) => {
        const { left, width } = u.select;
        if (width > 4) setup.onZoom(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'));
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
      setCursor: [(u) => setup.onCursor(u.cursor.left === undefined || u.cursor.left === null || u.cursor.left < 0 ? null : u.posToVal(u.cursor.left, 'x'))],
    },
  };
}

// One colour, or two that meet at zero.
function paint({ ink, below }: Look, alpha: number): string | ((u: uPlot) => CanvasGradient | string) {
  const above = withAlpha(cssColour(`--${ink}`), alpha);
  if (below === null) return above;
  const under = withAlpha(cssColour(`--${below}`), alpha);
  return (u) => {
    const zero = u.valToPos(0, 'y', true);
    const { top, height } = u.bbox;
    if (!Number.isFinite(zero) || !(height > 0)) return above; // before the first scale
    const at = Math.min(1, Math.max(0, (zero - top) / height));
    const gradient = u.ctx.createLinearGradient(0, top, 0, top + height);
    for (const [stop, colour] of [[0, above], [at, above], [at, under], [1, under]] as const) gradient.addColorStop(stop, colour);
    return gradient;
  };
}

// A value without a neighbour has no line; it is drawn as a dot, so that the first minute of a new curve can be seen.
export function lonely(values: ArrayLike<number | null | undefined>): number[] {
  const known: number[] = [];
  for (let i = 0; i < values.length; i += 1) if (typeof values[i] === 'number') known.push(i);
  const cut = (a: number, b: number) => {
    for (let i = a + 1; i < b; i += 1) if (values[i] === null) return true; // undefined does not break a line
    return false;
  };
  return known.filter((at, i) => (i === 0 || cut(known[i - 1]!, at)) && (i === known.length - 1 || cut(at, known[i + 1]!)));
}

export function yRange(min: number | null, max: number | null, unit: string): [number, number] {
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return [0, 1];
  let [low, high] = [min, max];
  if (unit === '%' && low >= 0 && high <= 100) return [0, 100];
  // A counter of megawatt-hours that starts at 0 would be a flat line; everything else that is a flow starts there.
  if (FROM_ZERO.has(unit) && !(unit === 'Wh' && low > 0.5 * high)) [low, high] = [Math.min(0, low), Math.max(0, high)];
  if (low === high) [low, high] = [low - Math.max(1, Math.abs(low) * 0.05), high + Math.max(1, Math.abs(high) * 0.05)];
  const step = niceStep(high - low, 8);
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

function timeLabel(at: number, incrementS: number, locale: Locale): string {
  if (incrementS >= 86_400) return locale.time(at, { day: 'numeric', month: 'short' });
  const clock = locale.time(at, incrementS < 60 ? { hour: '2-digit', minute: '2-digit', second: '2-digit' } : { hour: '2-digit', minute: '2-digit' });
  return clock === '00:00' ? locale.time(at, { day: 'numeric', month: 'short' }) : clock;
}

function yLabels(u: uPlot, splits: number[], unit: string, locale: Locale): string[] {
  const { min = 0, max = 0 } = u.scales.y!;
  const { factor } = axisScale(Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0)), unit);
  const step = splits.length > 1 ? splits[1]! - splits[0]! : 1;
  return splits.map((value) => tickText(value / factor, step / factor, locale.locale));
}
