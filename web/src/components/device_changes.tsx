// Who changed what about one device, newest first; from the gateway's audit log, which installers may read.
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/client';
import type { AuditRow, Device } from '../api/types';
import { DAY_CLOCK, useLocale } from '../i18n/locale';
import { changesOf, type Change } from '../lib/audit';
import type { Actions } from '../state/actions';
import { en, type MessageKey } from '../i18n/en';

const SHOWN = 8;

export function DeviceChanges({ device, actions }: { device: Device; actions: Actions }) {
  const { t } = useLocale();
  const [rows, setRows] = useState<readonly AuditRow[] | null>(null);
  const [isWhole, setWhole] = useState(false);
  useEffect(() => {
    let current = true;
    void actions.ask(api.audit).then((answer) => { if (current && answer.ok) setRows(answer.value); });
    return () => { current = false; };
  }, [device.id, device.name, device.serial_expected]);
  if (!rows) return null;
  const changes = changesOf(device.id, rows);
  const shown = isWhole ? changes : changes.slice(0, SHOWN);
  return (
    <section class="card" aria-labelledby="changes-title">
      <h2 id="changes-title">{t('devices.changes')}</h2>
      {changes.length === 0 ? <p class="muted">{t('devices.changes.none')}</p> : null}
      <ul class="changes">{shown.map((change) => <Item key={`${change.at} ${change.kind} ${change.key}`} change={change} />)}</ul>
      {changes.length > shown.length ? <div class="buttons"><button type="button" class="button" onClick={() => setWhole(true)}>{t('devices.changes.all', { count: changes.length })}</button></div> : null}
    </section>
  );
}

function Item({ change }: { change: Change }) {
  const { t, time } = useLocale();
  const fieldName = (name: string) => (`devices.changes.field.${name}` in en ? t(`devices.changes.field.${name}` as MessageKey) : name);
  const what = change.kind === 'other' ? change.key : t(`devices.changes.${change.kind}` as MessageKey, { key: change.key });
  return (
    <li>
      <p><b>{what}</b></p>
      {change.parts.map((part) => <p key={part.name} class="change-part">{part.name ? `${fieldName(part.name)}: ` : ''}{part.old ?? '–'} → <b>{part.now ?? '–'}</b></p>)}
      <p class="muted">{change.who} · <time dateTime={new Date(change.at).toISOString()}>{time(change.at, DAY_CLOCK)}</time></p>
    </li>
  );
}
