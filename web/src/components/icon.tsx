// Our own icons: 24 x 24, strokes of 1.75, drawn for this interface.
import type { JSX } from 'preact';

const paths = {
  overview: 'M4 11.5 12 5l8 6.5M6 10.5V19h12v-8.5M12.5 11l-2 3.2h3l-2 3.2',
  history: 'M4 5v14h16M7 15l3.5-5 3.5 3 5-7',
  devices: 'M5 5h14v6H5zM5 14h14v5H5zM8 8h.01M8 16.5h.01M12 8h4M12 16.5h4',
  why: 'M6 5v6a3 3 0 0 0 3 3h6M15 10.5 18.5 14 15 17.5M6 5m-2 0a2 2 0 1 0 4 0 2 2 0 1 0-4 0',
  settings: 'M4 8h9M17 8h3M4 16h3M11 16h9M15 8m-2 0a2 2 0 1 0 4 0 2 2 0 1 0-4 0M9 16m-2 0a2 2 0 1 0 4 0 2 2 0 1 0-4 0',
  alarms: 'M6 16.5h12M7.5 16.5V11a4.5 4.5 0 0 1 9 0v5.5M10.5 19.5h3M12 4.5v2',
  sun: 'M12 12m-3.75 0a3.75 3.75 0 1 0 7.5 0 3.75 3.75 0 1 0-7.5 0M12 3.5v2M12 18.5v2M3.5 12h2M18.5 12h2M6 6l1.4 1.4M16.6 16.6 18 18M18 6l-1.4 1.4M7.4 16.6 6 18',
  battery: 'M4 8.5h14v7H4zM20.5 10.8v2.4M7 11v2M10 11v2',
  grid: 'M9 20 11.2 4h1.6L15 20M8 8.5h8M6.5 12.5h11M9.9 15.5l4.4 4.5M14.1 15.5 9.7 20M6.5 12.5v2M17.5 12.5v2',
  house: 'M4 11.5 12 5l8 6.5M6 10.5V19h12v-8.5M10 19v-5h4v5',
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  left: 'M14.5 6 8.5 12l6 6',
  right: 'M9.5 6l6 6-6 6',
  down: 'M6 9.5l6 6 6-6',
  search: 'M11 11m-5.5 0a5.5 5.5 0 1 0 11 0 5.5 5.5 0 1 0-11 0M15.2 15.2 19.5 19.5',
  plus: 'M12 5.5v13M5.5 12h13',
  download: 'M12 4.5v10M7.5 10.5l4.5 4.5 4.5-4.5M5 19h14',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  warning: 'M12 4.5 21 19.5H3zM12 10v4.5M12 17v.01',
  info: 'M12 12m-8.5 0a8.5 8.5 0 1 0 17 0 8.5 8.5 0 1 0-17 0M12 11v5.5M12 7.8v.01',
  eye: 'M3 12s3.2-6 9-6 9 6 9 6-3.2 6-9 6-9-6-9-6zM12 12m-2.6 0a2.6 2.6 0 1 0 5.2 0 2.6 2.6 0 1 0-5.2 0',
  eyeOff: 'M4 4l16 16M9.5 6.4A9.6 9.6 0 0 1 12 6c5.8 0 9 6 9 6a15 15 0 0 1-2.8 3.500M14.5 17.600A9.6 9.6 0 0 1 12 18c-5.8 0-9-6-9-6a15 15 0 0 1 3.7-4.2',
  signOut: 'M10 5H5v14h5M13.5 8l4 4-4 4M9.5 12h8',
  lost: 'M4 4l16 16M5 10.500a11 11 0 0 1 4-2.300M13 7.600a11 11 0 0 1 6 2.900M8 14a6.5 6.5 0 0 1 3-1.700M15 13.200l1 .8M12 18v.01',
  clock: 'M12 12m-8.5 0a8.5 8.5 0 1 0 17 0 8.5 8.5 0 1 0-17 0M12 7.500V12l3 2',
  bus: 'M3 12h18M7 12V7.500M12 12v4.500M17 12V7.500M5.5 4.500h3v3h-3zM15.5 4.500h3v3h-3zM10.5 16.500h3v3h-3z',
  limit: 'M5 18a8.5 8.5 0 1 1 14 0M12 13.500l3.5-4.500M12 13.500v.01',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 24 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

// Three conductors tapped from one bar.
export function Logo({ size = 28 }: { size?: number }): JSX.Element {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect x="2" y="13" width="28" height="6" rx="3" class="logo-bar" />
      <rect x="6.5" y="4" width="4" height="9" rx="2" class="logo-tap" />
      <rect x="14" y="19" width="4" height="9" rx="2" class="logo-tap" />
      <rect x="21.5" y="4" width="4" height="9" rx="2" class="logo-tap" />
    </svg>
  );
}
