import { LANGUAGES, useLocale, type Language } from '../i18n/locale';
import type { Theme } from '../lib/preferences';
import { Segmented } from './inputs';

export function LanguageChoice({ setLanguage }: { setLanguage: (language: Language) => void }) {
  const { t, language } = useLocale();
  const options = (Object.keys(LANGUAGES) as Language[]).map((key) => [key, LANGUAGES[key].name] as const);
  return <Segmented name="language" label={t('settings.language')} value={language} options={options} onChange={setLanguage} />;
}

export function DisplaySettings({ theme, setTheme, setLanguage }: { theme: Theme; setTheme: (theme: Theme) => void; setLanguage: (language: Language) => void }) {
  const { t } = useLocale();
  const themes = (['auto', 'light', 'dark'] as const).map((key) => [key, t(`settings.theme.${key}`)] as const);
  return (
    <div class="display">
      <LanguageChoice setLanguage={setLanguage} />
      <Segmented name="theme" label={t('settings.theme')} value={theme} options={themes} onChange={setTheme} />
    </div>
  );
}
