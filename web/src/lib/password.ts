// The rules shown while a password is typed. The gateway checks again, and knows the common passwords.
export type Rule = 'length' | 'notName' | 'varied' | 'same';
export const LEAST = 10;

export function passwordRules(password: string, again: string, username: string): Record<Rule, boolean> {
  const name = username.trim().toLowerCase();
  return {
    length: [...password].length >= LEAST,
    notName: password.length > 0 && (name.length < 3 || !password.toLowerCase().includes(name)),
    varied: new Set(password).size >= 6,
    same: password.length > 0 && password === again,
  };
}

export const USERNAME = /^[a-z0-9][a-z0-9._-]{0,31}$/;

// What people type of a printed code: any case, spaces or dashes; shown in groups of four.
export function tidyCode(text: string): string {
  const letters = text.toUpperCase().replace(/[^A-Z0-9]/g, '').slice(0, 16);
  return letters.replace(/(.{4})(?=.)/g, '$1-');
}
