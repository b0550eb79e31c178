import { useLocale } from '../i18n/locale';
import type { Rule } from '../lib/password';
import { Icon } from './icon';

export function PasswordRules({ rules }: { rules: Record<Rule, boolean> }) {
  const { t } = useLocale();
  return (
    <ul class="rules">
      {(Object.keys(rules) as Rule[]).map((rule) => (
        <li key={rule} class={rules[rule] ? 'is-met' : ''}>
          <span class="rule-mark">{rules[rule] ? <Icon name="check" size={16} /> : null}</span>
          {t(`setup.password.${rule}`)}
          <span class="visually-hidden">: {t(rules[rule] ? 'app.yes' : 'app.no')}</span>
        </li>
      ))}
    </ul>
  );
}
