// One panel of curves of one unit. All panels share range and cursor.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { HistorySeries } from '../api/types';
import { useLocale } from '../i18n/locale';
import { useWidth } from '../components/use_width';
import { chartOptions } from './chart_options';
import { alignSeries } from './series_data';

interface Props {
  unit: string;
  series: readonly HistorySeries[];
  colours: ReadonlyMap<string, number>;
  from: number;
  to: number;
  height: number;
  theme: string; // redraw when light and dark change
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  onCursor: (at: number | null) => void;
}

export function TimeChart(props: Props) {
  const { unit, series, colours, from, to, height, theme } = props;
  const locale = useLocale();
  const [box, width] = useWidth<HTMLDivElement>();
  const plot = useRef<uPlot | null>(null);
  const data = useMemo(() => alignSeries(series), [series]);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    if (!box.current || width === 0) return;
    const options = chartOptions({
      unit, locale, width, height, slots: series.map((one) => colours.get(one.series) ?? 0),
      range: () => [latest.current.from / 1000, latest.current.to / 1000],
      onZoom: (a, b) => latest.current.onZoom(a * 1000, b * 1000),
      onReset: () => latest.current.onReset(),
      onCursor: (at) => latest.current.onCursor(at === null ? null : at * 1000),
    });
    plot.current = new uPlot(options, [data.t, ...data.columns] as uPlot.AlignedData, box.current);
    return () => {
      plot.current?.destroy();
      plot.current = null;
    };
  }, [data, width, height, unit, locale, theme, colours]);

  useEffect(() => {
    plot.current?.setScale('x', { min: from / 1000, max: to / 1000 });
  }, [from, to]);

  return <div class="chart" ref={box} style={{ height: `${height}px` }} />;
}
