// One panel of curves of one unit. All panels share range and cursor.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { HistorySeries } from '../api/types';
import { useLocale } from '../i18n/locale';
import { useWidth } from '../components/use_width';
import { chartOptions } from './chart_options';
import type { Look } from './colours';
import { alignSeries, type Aligned } from './series_data';

interface Props {
  unit: string;
  series: readonly HistorySeries[];
  looks: ReadonlyMap<string, Look>;
  from: number;
  to: number;
  height: number;
  theme: string; // redraw when light and dark change
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  onCursor: (at: number | null) => void;
}

const rows = (data: Aligned) => [data.t, ...data.columns] as uPlot.AlignedData;

export function TimeChart(props: Props) {
  const { unit, series, looks, from, to, height, theme } = props;
  const locale = useLocale();
  const [box, width] = useWidth<HTMLDivElement>();
  const plot = useRef<uPlot | null>(null);
  const data = useMemo(() => alignSeries(series), [series]);
  const latest = useRef(props);
  latest.current = props;
  const dataNow = useRef(data);
  dataNow.current = data;
  const drawn = useRef<Aligned | null>(null);
  const names = series.map((one) => one.series).join();

  useEffect(() => {
    if (!box.current || width === 0) return;
    const options = chartOptions({
      unit, locale, width, height, looks: series.map((one) => looks.get(one.series)!),
      range: () => [latest.current.from / 1000, latest.current.to / 1000],
      onZoom: (a, b) => latest.current.onZoom(a * 1000, b * 1000),
      onReset: () => latest.current.onReset(),
      onCursor: (at) => latest.current.onCursor(at === null ? null : at * 1000),
    });
    plot.current = new uPlot(options, rows(dataNow.current), box.current);
    drawn.current = dataNow.current;
    return () => {
      plot.current?.destroy();
      plot.current = null;
    };
  }, [names, width, height, unit, locale, theme, looks]);

  // New values of the same curves: the picture changes, the cursor stays.
  useEffect(() => {
    const u = plot.current;
    if (!u || drawn.current === data) return;
    drawn.current = data;
    u.batch(() => {
      u.setData(rows(data), false);
      u.setScale('x', { min: latest.current.from / 1000, max: latest.current.to / 1000 });
    });
  }, [data]);

  useEffect(() => {
    plot.current?.setScale('x', { min: from / 1000, max: to / 1000 });
  }, [from, to]);

  return <div class="chart" ref={box} style={{ height: `${height}px` }} />;
}
