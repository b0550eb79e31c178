import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { HistoryPanels } from '../components/history_panels';
import { HistoryTable } from '../components/history_table';
import { Icon } from '../components/icon';
import { Empty, Loading, Notice, ProblemNotice } from '../components/notice';
import { RangeBar, type RangeChoice } from '../components/range_bar';
import { MOST_SERIES, SeriesPicker } from '../components/series_picker';
import { useLocale } from '../i18n/locale';
import { firstChoice } from '../lib/series';
import { addSpan, lastHour, startOf } from '../lib/time';

interface Props { state: State; actions: Actions; wallNow: number; asked: string | null; theme: string }
const YOUNG_MS = 3 * 3_600_000;
interface Zoom { from: number; to: number }

export function HistoryView({ state, actions, wallNow, asked, theme }: Props) {
  const { t, zone } = useLocale();
  const [chosen, setChosen] = useState<readonly string[] | null>(asked ? asked.split(',').slice(0, MOST_SERIES) : null);
  const [picking, setPicking] = useState(false);
  const [range, setRange] = useState<RangeChoice>(() => {
    // A day with minutes in it is an empty picture: a young gateway begins with its hour.
    const oldest = state.status.value?.history.oldest ?? null;
    if (oldest === null || wallNow - oldest < YOUNG_MS) return { span: 'hour', ...lastHour(wallNow) };
    const from = startOf('day', wallNow, zone);
    return { span: 'day', from, to: addSpan('day', from, 1, zone) };
  });
  const [zoom, setZoom] = useState<Zoom | null>(null);
  const known = state.series.value;
  const devices = state.devices.value ?? (state.devices.problem ? [] : null);
  const series = useMemo(() => chosen ?? (known && devices ? firstChoice(known, devices) : []), [chosen, known, devices]);
  const ready = chosen !== null || (known !== null && devices !== null);
  const from = zoom?.from ?? range.from;
  const to = zoom?.to ?? range.to;

  useEffect(() => {
    void actions.loadSeries();
    if (!state.devices.value) void actions.loadDevices();
  }, []);
  useEffect(() => {
    if (!ready) return;
    const timer = setTimeout(() => void actions.loadHistory({ series, from, to }), zoom ? 150 : 0);
    return () => clearTimeout(timer);
  }, [series.join(), from, to, ready]);

  const choose = (next: RangeChoice) => { setRange(next); setZoom(null); };
  const zoomTo = (a: number, b: number) => b - a >= 2000 && setZoom({ from: a, to: b });
  const toggle = (id: string) => setChosen(series.includes(id) ? series.filter((one) => one !== id) : [...series, id].slice(0, MOST_SERIES));
  const { value, problem, loading } = state.history;
  const results = useMemo(() => (value?.results ?? []).filter((one) => series.includes(one.series)), [value, series.join()]);
  // What is shown answers another question than the one asked now; a refresh of the same is not worth dimming.
  const waiting = loading && (!value || value.query.from !== Math.floor(from) || value.query.to !== Math.ceil(to) || value.query.series.join() !== series.join());
  const empty = results.every((one) => one.t.length === 0);

  // A range that reaches into now grows: new values come as often as a bucket fills. The hour moves on by itself.
  const running = from < wallNow && wallNow < to && state.connection.kind !== 'lost' && series.length > 0;
  const refreshMs = empty ? 3000 : Math.max(3000, Math.min(60_000, (to - from) / 1000));
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => void actions.loadHistory({ series, from, to }), refreshMs);
    return () => clearInterval(timer);
  }, [running, series.join(), from, to, refreshMs]);
  const passed = range.span === 'hour' && zoom === null && wallNow >= range.to && wallNow - range.to < 60_000;
  useEffect(() => {
    if (passed) setRange({ span: 'hour', ...lastHour(wallNow) });
  }, [passed]);

  return (
    <div class="page history">
      <div class="page-head">
        <h1>{t('history.title')}</h1>
        <div class="buttons">
          <button type="button" class="button" aria-expanded={picking} onClick={() => setPicking(!picking)}><Icon name="plus" size={20} />{t('history.pick')}</button>
          {series.length ? <a class="button" href={actions.exportHref({ series, from, to })} download><Icon name="download" size={20} />{t('history.export')}</a> : null}
        </div>
      </div>
      <RangeBar range={range} zoomed={zoom !== null} now={wallNow} choose={choose} reset={() => setZoom(null)} />
      {picking && known ? <SeriesPicker series={known} devices={state.devices.value ?? []} chosen={series} toggle={toggle} done={() => setPicking(false)} /> : null}
      {problem ? <ProblemNotice problem={problem} retry={() => void actions.loadHistory({ series, from, to })} /> : null}
      {series.length === 0 ? (
        !ready ? <Loading /> : <Empty icon="history" title={t('history.empty.title')}>{t(known?.length ? 'history.empty.text' : 'history.noSeries')}</Empty>
      ) : !value ? (problem ? null : <Loading />) : (
        <div class={waiting ? 'is-loading' : ''} aria-busy={waiting}>
          {empty && !waiting ? <Notice tone="info">{t('history.noData')}</Notice> : null}
          {empty ? null : <HistoryPanels results={results} devices={state.devices.value ?? []} from={from} to={to} theme={theme} zoom={zoomTo} reset={() => setZoom(null)} remove={toggle} />}
          {empty ? null : <HistoryTable results={results} devices={state.devices.value ?? []} from={value.query.from} to={value.query.to} />}
        </div>
      )}
    </div>
  );
}
