// The words of commissioning. They come with its pages, which only installers load, so that nobody else carries them.
import { useLocale, type Language } from '../i18n/locale';
import { fill, type Values } from '../i18n/translate';
import { de } from './de';
import { en, type Word } from './en';

const words: Readonly<Record<Language, Readonly<Record<Word, string>>>> = { en, de };
export type Say = (word: Word, values?: Values) => string;

export function useWords(): Say {
  const { language } = useLocale();
  return (word, values) => fill(words[language][word], values);
}
