import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { DisplaySettings, LanguageChoice } from './components/display_settings';
import { ConnectionBanner } from './components/connection';
import { Empty, Loading } from './components/notice';
import { Navigation } from './components/navigation';
import { loadTexts, LocaleContext, makeLocale, type Language, type Texts } from './i18n/locale';
import { applyTheme, storedTheme, write, type Theme } from './lib/preferences';
import { parseRoute, type Route } from './lib/router';
import type { Actions } from './state/actions';
import type { State } from './state/state';
import type { Store } from './state/store';
import { lazy } from './lib/lazy';
import { AlarmsView } from './views/alarms';
import { DeviceView } from './views/device';
import { DevicesView } from './views/devices';
import { Door } from './views/door';
import { HistoryView } from './views/history';
import { LoginView } from './views/login';
import { OverviewView } from './views/overview';
import { SettingsView } from './views/settings';
import { SetupView } from './views/setup';
import { WhyView } from './views/why';

// Only installers and owners open these.
const Commissioning = lazy(() => import('./commissioning').then((module) => module.Commissioning));
const DEVICE_TABS: readonly string[] = ['find', 'add', 'line', 'monitor', 'sharing', 'packs'];

interface Props { store: Store; actions: Actions; firstLanguage: Language; firstTexts: Texts }

export function App({ store, actions, firstLanguage, firstTexts }: Props) {
  const state = useStore(store);
  const route = useRoute();
  const now = useTick(1000);
  const [{ language, texts }, setSpeech] = useState({ language: firstLanguage, texts: firstTexts });
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const dark = useDark();
  const devices = state.devices.value;
  const locale = useMemo(() => makeLocale(language, texts, state.timezone, new Map(devices?.map((one) => [one.id, one.name]))), [language, texts, state.timezone, devices]);

  const speak = async (next: Language) => {
    setSpeech({ language: next, texts: await loadTexts(next) });
    write('language', next);
    document.documentElement.lang = next;
  };
  const show = (next: Theme) => {
    setTheme(next);
    write('theme', next);
    applyTheme(next);
  };
  const languages = <LanguageChoice setLanguage={(next) => void speak(next)} />;
  const display = <DisplaySettings theme={theme} setTheme={show} setLanguage={(next) => void speak(next)} />;
  const { t } = locale;
  useEffect(() => {
    document.title = state.phase === 'ready' ? `${t(`nav.${route.page}`)} · ${state.siteName}` : 'Busbar';
  }, [route.page, state.phase, state.siteName, locale]);

  return (
    <LocaleContext.Provider value={locale}>
      {state.phase === 'starting' ? <p class="starting" role="status">{t('app.starting')}…</p>
        : state.phase === 'unreachable' ? (
          <Door languages={languages}>
            <Empty icon="lost" title={t('app.unreachable.title')}>{t('app.unreachable.text')}</Empty>
            <button type="button" class="button button-strong button-wide" onClick={() => void actions.start()}>{t('app.tryAgain')}</button>
          </Door>
        )
        : state.phase === 'setup' ? <SetupView actions={actions} languages={languages} />
        : state.phase === 'login' ? <LoginView ended={state.sessionEnded} actions={actions} languages={languages} />
        : <Shell state={state} actions={actions} route={route} now={now} display={display} theme={`${theme}${dark}`} skip={t('app.skip')} />}
    </LocaleContext.Provider>
  );
}

interface ShellProps { state: State; actions: Actions; route: Route; now: number; display: preact.ComponentChildren; theme: string; skip: string }

function Shell({ state, actions, route, now, display, theme, skip }: ShellProps) {
  const wallNow = Date.now() + state.clockOffset;
  const alarms = state.overview ? Object.values(state.overview.alarms).reduce((sum, count) => sum + count, 0) : 0;
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) return void (first.current = false);
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [route.page, route.id, route.query.get('tab')]);
  return (
    <div class={`shell ${state.connection.kind === 'lost' ? 'is-lost' : ''}`}>
      <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>{skip}</a>
      <Navigation page={route.page} siteName={state.siteName} connection={state.connection} alarms={alarms} />
      <main id="content" ref={main} tabIndex={-1}>
        <ConnectionBanner connection={state.connection} now={now} retry={actions.retryNow} />
        {page()}
      </main>
    </div>
  );

  function commissioning() {
    const tab = route.query.get('tab') ?? '';
    const role = state.session?.role;
    const isOpen = route.id ? tab === 'setup' && role !== 'viewer' : DEVICE_TABS.includes(tab) && role === 'installer';
    return isOpen ? <Commissioning key={`${tab} ${route.id ?? ''}`} page={tab} state={state} actions={actions} device={route.id} bus={route.query.get('bus')} now={wallNow} /> : null;
  }

  function page() {
    // Until the gateway's clock is known, no view may ask for a time range.
    if (!state.overview && !state.status.value) return <Loading />;
    const common = { state, actions, wallNow };
    switch (route.page) {
      case 'overview': return <OverviewView state={state} actions={actions} now={now} />;
      case 'history': return <HistoryView key={route.query.get('series') ?? ''} {...common} asked={route.query.get('series')} theme={theme} />;
      case 'devices': return commissioning() ?? (route.id ? <DeviceView {...common} id={route.id} now={now} /> : <DevicesView {...common} buses={route.query.get('tab') === 'buses'} />);
      case 'why': return <WhyView {...common} />;
      case 'alarms': return <AlarmsView {...common} />;
      case 'settings': return <SettingsView {...common} display={display} />;
    }
  }
}

function useStore(store: Store): State {
  const [state, setState] = useState(store.state);
  useEffect(() => {
    setState(store.state); // what happened between the first render and now
    return store.subscribe(() => setState(store.state));
  }, [store]);
  return state;
}

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    window.addEventListener('hashchange', changed);
    return () => window.removeEventListener('hashchange', changed);
  }, []);
  return useMemo(() => parseRoute(hash), [hash]);
}

function useTick(everyMs: number): number {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return Math.max(now, 0);
}

function useDark(): boolean {
  const query = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), []);
  const [dark, setDark] = useState(query.matches);
  useEffect(() => {
    const changed = () => setDark(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, [query]);
  return dark;
}
