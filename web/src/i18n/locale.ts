// The language of the interface: which there are, loading one, and what components use of it (a context).
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Said } from '../api/types';
import { formatAge, formatQuantity, type Formatted } from '../lib/format';
import { en, type Messages } from './en';
import { rolesEn } from './roles_en';
import { makePlural, makeTranslate, retold, roleName, type Phrases, type Translate } from './translate';

export type Language = 'en' | 'de';
export const LANGUAGES: Readonly<Record<Language, { name: string; locale: string }>> = {
  en: { name: 'English', locale: 'en-GB' },
  de: { name: 'Deutsch', locale: 'de-DE' },
};

export interface Texts { messages: Messages; roles: Readonly<Record<string, string>>; phrases: Phrases; profileWords: Readonly<Record<string, string>> }

// English is in the first bundle; any other language is a file of its own.
const loaders: Readonly<Record<Language, () => Promise<Texts>>> = {
  en: async () => ({ messages: en, roles: rolesEn, phrases: {}, profileWords: {} }),
  de: async () => {
    const { de, rolesDe, phrasesDe, profileWordsDe } = await import('./de');
    return { messages: de, roles: rolesDe, phrases: phrasesDe, profileWords: profileWordsDe };
  },
};

export const isLanguage = (text: string | null | undefined): text is Language => !!text && text in LANGUAGES;

export function preferredLanguage(stored: string | null, wanted: readonly string[]): Language {
  if (isLanguage(stored)) return stored;
  for (const tag of wanted) {
    const short = tag.slice(0, 2).toLowerCase();
    if (isLanguage(short)) return short;
  }
  return 'en';
}

export const loadTexts = (language: Language): Promise<Texts> => loaders[language]();

export interface Locale {
  language: Language;
  locale: string;
  zone: string;
  t: Translate;
  plural: ReturnType<typeof makePlural>;
  role(role: string): string;
  // What the gateway says, in this language; null: it has no words for it, and its English text is all there is.
  retell(said: Said | null | undefined): string | null;
  // A name or a state that a profile gives; what this language has no words for stays as it is.
  named(text: string): string;
  quantity(value: number | null | undefined, unit: string): Formatted;
  age(ms: number | null | undefined): string;
  time(at: number, options: Intl.DateTimeFormatOptions): string;
}

export function makeLocale(language: Language, texts: Texts, zone: string, devices?: ReadonlyMap<string, string>): Locale {
  const { locale } = LANGUAGES[language];
  return {
    language, locale, zone,
    t: makeTranslate(texts.messages),
    plural: makePlural(texts.messages, locale),
    role: (role) => roleName(role, texts.roles),
    named: (text) => texts.profileWords[text] ?? text,
    retell: (said) => retold(said, texts.phrases, { ...texts, ...(devices ? { devices } : {}) }),
    quantity: (value, unit) => formatQuantity(value, unit, locale),
    age: (ms) => formatAge(ms, locale),
    time: (at, options) => new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: 'h23', ...options }).format(at),
  };
}

export const LocaleContext = createContext<Locale>(makeLocale('en', { messages: en, roles: rolesEn, phrases: {}, profileWords: {} }, 'UTC'));
export const useLocale = (): Locale => useContext(LocaleContext);

export const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
export const DAY_CLOCK: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' };
