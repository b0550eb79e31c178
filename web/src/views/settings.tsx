import { useEffect } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { ControlForm } from '../components/control_form';
import { Facts } from '../components/device_facts';
import { Icon } from '../components/icon';
import { Loading, ProblemNotice } from '../components/notice';
import { PasswordChangeForm } from '../components/password_change';
import { useLocale } from '../i18n/locale';
import { formatBytes, formatCount } from '../lib/format';

export function SettingsView({ state, actions, wallNow, display }: { state: State; actions: Actions; wallNow: number; display: ComponentChildren }) {
  const { t } = useLocale();
  const { control, session } = state;
  useEffect(() => {
    void actions.loadControl();
    void actions.refreshStatus();
  }, []);
  return (
    <div class="page settings">
      <div class="page-head"><h1>{t('settings.title')}</h1></div>
      <section class="card" aria-labelledby="control-title">
        <h2 id="control-title">{t('settings.control')}</h2>
        {control.value ? <ControlForm settings={control.value} mayChange={session?.role === 'installer'} save={actions.saveControl} />
          : control.problem ? <ProblemNotice problem={control.problem} retry={() => void actions.loadControl()} /> : <Loading />}
      </section>
      <section class="card" aria-labelledby="display-title"><h2 id="display-title">{t('settings.display')}</h2>{display}</section>
      {session ? (
        <section class="card" aria-labelledby="account-title">
          <h2 id="account-title">{t('settings.account')}</h2>
          <p>{t('settings.signedInAs', { name: session.username, role: t(`settings.role.${session.role}`) })}</p>
          <div class="buttons account-buttons">
            <PasswordChangeForm username={session.username} change={actions.changePassword} />
            <button type="button" class="button" onClick={() => void actions.logOut()}><Icon name="signOut" size={20} />{t('settings.logOut')}</button>
          </div>
        </section>
      ) : null}
      <GatewayFacts status={state.status.value} wallNow={wallNow} />
    </div>
  );
}

function GatewayFacts({ status, wallNow }: { status: State['status']['value']; wallNow: number }) {
  const { t, locale, age, quantity } = useLocale();
  if (!status) return null;
  const { cycle, history } = status;
  return (
    <section class="card" aria-labelledby="gateway-title">
      <h2 id="gateway-title">{t('settings.gateway')}</h2>
      <Facts rows={[
        [t('settings.version'), status.version],
        [t('settings.uptime'), age(wallNow - status.started)],
        [t('settings.timezone'), status.timezone],
        [t('settings.cycle'), t('settings.cycle.value', { count: formatCount(cycle.count, locale), period: quantity(cycle.period_ms / 1000, 's').text })],
        [t('settings.late'), quantity(cycle.late_ms_max, 'ms').text],
        [t('settings.history'), t('settings.history.value', { samples: formatCount(history.samples, locale), bytes: formatBytes(history.bytes, locale) })],
        [t('settings.history.lost'), formatCount(history.lost, locale)],
        [t('settings.memory'), formatBytes(status.memory_bytes, locale)],
        [t('settings.cpu'), quantity(status.cpu_percent, '%').text],
      ]} />
    </section>
  );
}
