// What is checked first when a line stays silent: cable, ends, which pin of a socket carries what, where each port leads.
import { useWords, type Say } from './words';

const RULES = ['ab', 'end', 'inside', 'length', 'lan', 'baud'] as const;

// Pin 1 first; '-' is not connected. From the wiring sheets of common batteries and hybrid inverters; the device's own manual decides.
const SOCKETS: ReadonlyArray<readonly [name: 'pcs' | 'parallel' | 'debug' | 'hybrid', pins: readonly string[]]> = [
  ['pcs', ['-', '-', 'CAN1_G', 'CAN1_H', 'CAN1_L', 'HSS8', '485A', '485B']],
  ['parallel', ['CAN0_H', 'CAN0_L', 'CAN1_G', 'CAN1_H', 'CAN1_L', 'DIG_IN2', 'GND', 'GND']],
  ['debug', ['CAN0_H', 'CAN0_L', 'CAN1_G', 'CAN1_H', 'CAN1_L', '-', '-', '-']],
  ['hybrid', ['485 A1', '485 A1', '485 B1', '485 B1', '485 A2', '485 B2', 'CAN0_H', 'CAN0_L', 'BMS GND', '485TX0+', '485TX0-', 'GND', 'BAT-Temp', 'DCT1', 'DCT2', '12 V']],
];

const PORTS: ReadonlyArray<readonly [port: string, to: 'sensor' | 'inverter' | 'gateway' | 'storage' | 'storageN' | 'charger']> = [
  ['COM1', 'sensor'], ['COM2', 'inverter'], ['GE1', 'gateway'], ['GE2', 'storage'], ['GE3', 'storageN'], ['GE4', 'charger'],
];
const LAMPS = [['RUN', 'run'], ['ALM', 'alm'], ['SOC', 'soc']] as const;

export function Wiring() {
  const say = useWords();
  return (
    <details class="card wiring">
      <summary>{say('line.wiring')}</summary>
      <ul>{RULES.map((one) => <li key={one}>{say(`line.wiring.${one}`)}</li>)}</ul>
      <h2>{say('line.pins')}</h2>
      <p class="muted">{say('line.pins.help')}</p>
      {SOCKETS.map(([name, pins]) => <Socket key={name} name={name} pins={pins} say={say} />)}
      <h2>{say('line.ports')}</h2>
      <dl class="ports">{PORTS.map(([port, to]) => <div key={port}><dt>{port}</dt><dd>{say(`line.ports.${to}`)}</dd></div>)}</dl>
      <h2>{say('line.lamps')}</h2>
      <dl class="ports">{LAMPS.map(([lamp, means]) => <div key={lamp}><dt>{lamp}</dt><dd>{say(`line.lamps.${means}`)}</dd></div>)}</dl>
    </details>
  );
}

function Socket({ name, pins, say }: { name: (typeof SOCKETS)[number][0]; pins: readonly string[]; say: Say }) {
  return (
    <section class="socket">
      <h3>{say(`line.pins.${name}`)}</h3>
      <ol class="pins">{pins.map((pin, at) => <li key={at} class={pin === '-' ? 'muted' : undefined}><span class="pin-number">{at + 1}</span>{pin === '-' ? '–' : pin}</li>)}</ol>
      {name === 'hybrid' ? <p class="muted">{say('line.pins.hybrid.help')} {say('line.pins.hybrid.outputs')}</p> : null}
    </section>
  );
}
