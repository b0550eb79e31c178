// The pages of commissioning, loaded when an installer opens the first of them.
import type { Actions } from '../state/actions';
import type { State } from '../state/state';
import { AddDevice } from './add_device';
import './commissioning.css';
import { DeviceSetup } from './device_setup';
import { FindDevices } from './find_devices';
import { LinePage } from './line_form';
import { Monitor } from './monitor';
import { Packs } from './packs';
import { SharingPage } from './sharing';

export type CommissioningPage = 'find' | 'add' | 'line' | 'monitor' | 'sharing' | 'packs' | 'setup';

interface Props { page: string; state: State; actions: Actions; device: string | null; bus: string | null; now: number }

export function Commissioning({ page, state, actions, device, bus, now }: Props) {
  switch (page as CommissioningPage) {
    case 'find': return <FindDevices state={state} actions={actions} />;
    case 'add': return <AddDevice state={state} actions={actions} />;
    case 'line': return <LinePage state={state} actions={actions} id={bus} />;
    case 'monitor': return <Monitor state={state} actions={actions} id={bus ?? ''} />;
    case 'sharing': return <SharingPage state={state} actions={actions} now={now} />;
    case 'packs': return <Packs actions={actions} />;
    case 'setup': return device ? <DeviceSetup state={state} actions={actions} id={device} /> : <FindDevices state={state} actions={actions} />;
  }
}
