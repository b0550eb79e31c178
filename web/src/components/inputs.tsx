// Small parts of forms. Each has a label, and its help and its error stand beside it.
import { createContext, type ComponentChildren } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { useLocale } from '../i18n/locale';
import { Icon } from './icon';

// What is wrong with the field around an input, so that both are read together.
const FieldError = createContext<string | null>(null);

interface FieldProps { id: string; label: string; help?: ComponentChildren; error?: string | null; children: ComponentChildren }

export function Field({ id, label, help, error, children }: FieldProps) {
  return (
    <div class={`field ${error ? 'has-error' : ''}`}>
      <label for={id}>{label}</label>
      <FieldError.Provider value={error ?? null}>{children}</FieldError.Provider>
      {error ? <p class="field-error" id={`${id}-error`}><Icon name="warning" size={18} />{error}</p> : null}
      {help ? <div class="field-help" id={`${id}-help`}>{help}</div> : null}
    </div>
  );
}

interface InputProps {
  id: string;
  value: string;
  onValue: (value: string) => void;
  error?: string | null;
  type?: 'text' | 'password';
  class?: string;
  name?: string;
  autoComplete?: string;
  autoCapitalize?: 'none' | 'characters';
  inputMode?: 'decimal';
  placeholder?: string;
  spellcheck?: boolean;
  autoFocus?: boolean;
  required?: boolean;
  disabled?: boolean;
  maxLength?: number;
}

export function TextInput({ id, onValue, error: own, type = 'text', class: look = 'input', ...rest }: InputProps) {
  const error = useContext(FieldError) ?? own;
  return (
    <input id={id} type={type as 'text' /* Preact's types want one kind */} class={look} aria-invalid={error ? true : undefined} aria-describedby={`${id}-help${error ? ` ${id}-error` : ''}`}
      onInput={(event) => onValue(event.currentTarget.value)} {...rest} />
  );
}

export function PasswordInput(props: InputProps) {
  const { t } = useLocale();
  const [shown, setShown] = useState(false);
  return (
    <div class="password">
      <TextInput {...props} type={shown ? 'text' : 'password'} />
      <button type="button" class="icon-button" aria-label={t(shown ? 'setup.password.hide' : 'setup.password.show')} aria-pressed={shown} onClick={() => setShown(!shown)}>
        <Icon name={shown ? 'eyeOff' : 'eye'} size={22} />
      </button>
    </div>
  );
}

export function Switch({ id, checked, disabled, onChange, label, help }: { id: string; checked: boolean; disabled?: boolean; onChange: (checked: boolean) => void; label: string; help: string }) {
  return (
    <label class="switch-row" for={id}>
      <span><span class="switch-label">{label}</span><span class="field-help" id={`${id}-help`}>{help}</span></span>
      <input id={id} type="checkbox" role="switch" class="switch" checked={checked} disabled={disabled} aria-describedby={`${id}-help`} onChange={(event) => onChange(event.currentTarget.checked)} />
    </label>
  );
}

interface SegmentedProps<T extends string> { name: string; label: string; value: T; options: ReadonlyArray<readonly [T, string]>; disabled?: boolean; onChange: (value: T) => void; hideLabel?: boolean }

export function Segmented<T extends string>({ name, label, value, options, disabled, onChange, hideLabel }: SegmentedProps<T>) {
  return (
    <fieldset class="segmented" disabled={disabled}>
      <legend class={hideLabel ? 'visually-hidden' : ''}>{label}</legend>
      <div class="segments" data-count={options.length}>
        {options.map(([key, text]) => (
          <label key={key} class={`segment ${key === value ? 'is-on' : ''}`}>
            <input type="radio" name={name} value={key} checked={key === value} onChange={() => onChange(key)} />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface ChoiceProps<T extends string> { id: string; value: T; options: ReadonlyArray<readonly [T, string]>; disabled?: boolean; onValue: (value: T) => void; empty?: string }

// A list to choose one from. `empty` is what stands there while nothing is chosen.
export function Choice<T extends string>({ id, value, options, disabled, onValue, empty }: ChoiceProps<T>) {
  const error = useContext(FieldError);
  return (
    <select id={id} class="input" value={value} disabled={disabled} aria-invalid={error ? true : undefined} aria-describedby={error ? `${id}-error` : undefined} onChange={(event) => onValue(event.currentTarget.value as T)}>
      {empty !== undefined ? <option value="">{empty}</option> : null}
      {options.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
    </select>
  );
}
