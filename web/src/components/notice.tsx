import type { ComponentChildren } from 'preact';
import { useLocale } from '../i18n/locale';
import type { Problem, Said } from '../api/types';
import { Icon, type IconName } from './icon';

type Tone = 'info' | 'good' | 'caution' | 'bad';
const icons: Record<Tone, IconName> = { info: 'info', good: 'check', caution: 'warning', bad: 'warning' };

export function Notice({ tone, title, children, action }: { tone: Tone; title?: string; children?: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={icons[tone]} />
      <div class="notice-body">
        {title ? <p class="notice-title">{title}</p> : null}
        {children ? <div class="notice-text">{children}</div> : null}
      </div>
      {action}
    </div>
  );
}

// What the gateway said went wrong, with its remedy, and a way to try again.
export function ProblemNotice({ problem, retry }: { problem: Problem; retry?: () => void }) {
  const { t } = useLocale();
  const noAnswer = problem.kind === 'unavailable' && !problem.remedy;
  return (
    <Notice tone="caution" title={t('problem.title')}
      action={retry ? <button type="button" class="button" onClick={retry}>{t('app.tryAgain')}</button> : null}>
      {noAnswer ? t('problem.noAnswer') : <ProblemText problem={problem} />}
    </Notice>
  );
}

// A sentence of the gateway: in the reader's language, or in English and marked so.
export function Told({ text, said }: { text: string; said?: Said | null | undefined }) {
  const { retell, language } = useLocale();
  const here = retell(said);
  return here === null && language !== 'en' ? <span lang="en">{text}</span> : <>{here ?? text}</>;
}

// Text and remedy; translated, both are one sentence.
export function ProblemText({ problem }: { problem: Problem }) {
  return <Told text={[problem.text, problem.remedy].filter(Boolean).join(' – ')} said={problem} />;
}

export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <span class="empty-icon"><Icon name={icon} size={32} /></span>
      <h2>{title}</h2>
      {children ? <p>{children}</p> : null}
    </div>
  );
}

export function Loading() {
  const { t } = useLocale();
  return <p class="loading" role="status">{t('app.loading')}…</p>;
}
