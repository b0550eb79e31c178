import { render } from 'preact';
import { api } from './api/client';
import { App } from './app';
import { loadTexts, preferredLanguage } from './i18n/locale';
import { applyTheme, read, storedTheme } from './lib/preferences';
import { createActions } from './state/actions';
import { Store } from './state/store';
import './styles/tokens.css';
import './styles/base.css';
import './styles/chrome.css';
import './styles/forms.css';
import './styles/overview.css';
import './styles/flow.css';
import './styles/pages.css';
import './styles/history.css';
import './styles/why.css';

applyTheme(storedTheme());
const language = preferredLanguage(read('language'), navigator.languages);
document.documentElement.lang = language;
const store = new Store();
const actions = createActions(store, api);
const texts = await loadTexts(language);
render(<App store={store} actions={actions} firstLanguage={language} firstTexts={texts} />, document.getElementById('app')!);
void actions.start();

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // Refused when the certificate is not trusted; the interface then works without its shell cache.
  navigator.serviceWorker.register('/sw.js').catch(() => undefined);
}
