import { useEffect, useState } from 'preact/hooks';
import type { ControlSettings, ControlSettingsChange, FeedInMode, Problem } from '../api/types';
import type { Outcome } from '../state/actions';
import { DAY_CLOCK, useLocale } from '../i18n/locale';
import { changeOf, faultOf, formOf, PERCENT, sameForm, TARGET, WATTS, type ControlForm as Form, type Limits } from '../lib/control_form';
import { Field, Segmented, Switch, TextInput } from './inputs';
import { Notice, ProblemText } from './notice';

interface Props { settings: ControlSettings; mayChange: boolean; save: (change: ControlSettingsChange) => Promise<Outcome> }
const MODES: readonly FeedInMode[] = ['none', 'zero', 'watts', 'percent'];

export function ControlForm({ settings, mayChange, save }: Props) {
  const { t, time } = useLocale();
  const [form, setForm] = useState<Form>(() => formOf(settings));
  const [result, setResult] = useState<'saving' | 'saved' | Problem | null>(null);
  useEffect(() => setForm(formOf(settings)), [settings]);
  const edit = (part: Partial<Form>) => { setForm((now) => ({ ...now, ...part })); setResult(null); };
  const change = changeOf(form);
  const changed = !sameForm(form, formOf(settings)) || change === null;

  async function submit(event: Event) {
    event.preventDefault();
    if (!change) return;
    setResult('saving');
    const outcome = await save(change);
    setResult(outcome.ok ? 'saved' : outcome.problem);
  }

  return (
    <form class="control-form" onSubmit={(event) => void submit(event)}>
      {mayChange ? null : <Notice tone="info">{t('settings.installerOnly')}</Notice>}
      <Switch id="self" checked={form.enabled} disabled={!mayChange} label={t('settings.self')} help={t('settings.self.help')} onChange={(enabled) => edit({ enabled })} />
      {form.enabled ? <NumberField id="target" label={t('settings.target')} help={t('settings.target.help')} unit="W" limits={TARGET} value={form.target} disabled={!mayChange} onValue={(target) => edit({ target })} /> : null}
      <hr />
      <Segmented name="limit" label={t('settings.limit')} value={form.mode} disabled={!mayChange} options={MODES.map((mode) => [mode, t(`settings.limit.${mode}`)] as const)} onChange={(mode) => edit({ mode })} />
      <p class="field-help">{t('settings.limit.help')}</p>
      {form.mode === 'watts' ? <NumberField id="watts" label={t('settings.limit.watts.value')} unit="W" limits={WATTS} value={form.watts} disabled={!mayChange} onValue={(watts) => edit({ watts })} /> : null}
      {form.mode === 'percent' ? <NumberField id="percent" label={t('settings.limit.percent.value')} unit="%" limits={PERCENT} value={form.percent} disabled={!mayChange} onValue={(percent) => edit({ percent })} /> : null}
      {typeof result === 'object' && result ? <Notice tone="bad">{result.kind === 'unavailable' ? t('problem.noAnswer') : <ProblemText problem={result} />}</Notice> : null}
      <div class="form-foot">
        <p class="muted" aria-live="polite">
          {result === 'saved' ? <b class="saved">{t('settings.saved')}</b>
            : settings.changed_by ? t('settings.changedBy', { who: settings.changed_by, time: settings.changed_at === null ? '' : time(settings.changed_at, DAY_CLOCK) }) : t('settings.asConfigured')}
        </p>
        {mayChange ? (
          <div class="buttons">
            {changed ? <button type="button" class="button" onClick={() => { setForm(formOf(settings)); setResult(null); }}>{t('settings.undo')}</button> : null}
            <button type="submit" class="button button-strong" disabled={!changed || !change || result === 'saving'}>{t(result === 'saving' ? 'settings.saving' : 'settings.save')}</button>
          </div>
        ) : null}
      </div>
    </form>
  );
}

function NumberField({ id, label, help, unit, limits, value, disabled, onValue }: { id: string; label: string; help?: string; unit: string; limits: Limits; value: string; disabled: boolean; onValue: (text: string) => void }) {
  const { t, quantity } = useLocale();
  const low = quantity(limits.low, unit).text;
  const high = limits.high === null ? null : quantity(limits.high, unit).text;
  const fault = faultOf(value, limits);
  const error = fault === 'number' ? t('settings.bad.number') : fault === 'range' ? (high ? t('settings.bad.range', { low, high }) : t('settings.bad.min', { low })) : null;
  const range = high ? t('settings.range', { low, high }) : t('settings.range.min', { low });
  return (
    <Field id={id} label={label} help={<>{help ? `${help} ` : ''}<span class="nowrap">{range}.</span></>} error={error}>
      <div class="with-unit"><TextInput id={id} inputMode="decimal" value={value} disabled={disabled} error={error} onValue={onValue} /><span class="unit">{unit}</span></div>
    </Field>
  );
}
