// Setpoints in words: the sign of battery power is said, not shown.
import type { Decision } from '../api/types';
import type { Locale } from '../i18n/locale';

const BATTERY = 'battery.power.set';
type Setpoint = Pick<Decision, 'role' | 'unit'>;

// Texts of the gateway name roles by their key; people read the name.
export const said = (text: string, role: Locale['role']): string => text.replace(/\b[a-z]+(?:\.[a-z0-9_]+)+\b/g, (key) => role(key));

export function amountText(setpoint: Setpoint, value: number | null, { t, quantity }: Locale): string {
  if (setpoint.role !== BATTERY || value === null || value === 0) return quantity(value, setpoint.unit).text;
  return t(value < 0 ? 'why.amount.charge' : 'why.amount.discharge', { value: quantity(Math.abs(value), setpoint.unit).text });
}

export function setpointText(decision: Decision, locale: Locale): string {
  const { t, role, quantity } = locale;
  const { value } = decision;
  if (value === null) return t('why.release', { role: role(decision.role) });
  if (decision.role !== BATTERY) return t('why.set', { role: role(decision.role), value: quantity(value, decision.unit).text });
  if (value === 0) return t('why.battery.rest');
  return t(value < 0 ? 'why.battery.charge' : 'why.battery.discharge', { value: quantity(Math.abs(value), decision.unit).text });
}
