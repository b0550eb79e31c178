// Language and theme of this browser.
export type Theme = 'auto' | 'light' | 'dark';
const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

export function read(name: 'language' | 'theme'): string | null {
  try {
    return localStorage.getItem(`busbar.${name}`);
  } catch {
    return null; // private windows may refuse
  }
}

export function write(name: 'language' | 'theme', value: string): void {
  try {
    localStorage.setItem(`busbar.${name}`, value);
  } catch {
    // It then lasts as long as the page.
  }
}

export const storedTheme = (): Theme => THEMES.find((theme) => theme === read('theme')) ?? 'auto';

export function applyTheme(theme: Theme): void {
  if (theme === 'auto') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.dataset.theme = theme;
}
