import type { JSX } from 'preact';

/** Line icons on a grid of 16, 1.6 thick. */
const PATHS = {
  floor: 'M2.5 3.5h4v4h-4zM9.5 3.5h4v4h-4zM2.5 10.5h4v3h-4zM9.5 10.5h4v3h-4z',
  rows: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  history: 'M2.5 8a5.5 5.5 0 1 0 1.8-4.1L2.5 5.5M2.5 2.5v3h3M8 5v3.2l2.2 1.3',
  microphone: 'M8 1.8a2 2 0 0 1 2 2v4a2 2 0 0 1-4 0v-4a2 2 0 0 1 2-2zM3.8 7.5a4.2 4.2 0 0 0 8.4 0M8 11.8v2.4',
  settings: 'M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6M10 2.5v4M6 9.5v4',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.2 3.2',
  bell: 'M4 11V7a4 4 0 0 1 8 0v4l1 1.2H3zM6.7 14h2.6',
  'bell-off': 'M4 11V7c0-.8.2-1.5.6-2.1M6.3 3.4A4 4 0 0 1 12 7v2.6M3 12.2h8.4M6.7 14h2.6M2 2l12 12',
  sound: 'M2.5 6.2v3.6h2.3L8 12.5v-9L4.8 6.2zM10.3 6a2.8 2.8 0 0 1 0 4M12 4.2a5.4 5.4 0 0 1 0 7.6',
  'sound-off': 'M2.5 6.2v3.6h2.3L8 12.5v-9L4.8 6.2zM10.5 6.2l3.5 3.6M14 6.2l-3.5 3.6',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  close: 'M4 4l8 8M12 4l-8 8',
  snooze: 'M8 3.2a5.3 5.3 0 1 1 0 10.6A5.3 5.3 0 0 1 8 3.2zM8 5.6v3l2 1.2M2 4l2-1.8M14 4l-2-1.8',
  hand: 'M5 8.5V4a1 1 0 0 1 2 0v3.5-5a1 1 0 0 1 2 0v5-4a1 1 0 0 1 2 0v4.8-2a1 1 0 0 1 2 0V10a4 4 0 0 1-4 4H8.2c-1.3 0-2-.5-2.8-1.6L3 9.3c-.6-1 .6-1.9 1.4-1.1z',
  wrong: 'M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM4.2 4.2l7.6 7.6',
  person: 'M8 2.6a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2zM3 13.6c.5-2.6 2.4-4 5-4s4.500 1.400 5 4',
  lock: 'M3.5 7.2h9v6.3h-9zM5.3 7.2V5a2.700 2.700 0 0 1 5.400 0v2.200',
  sun: 'M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM8 1.500v1M8 13.500v1M1.500 8h1M13.500 8h1M3.400 3.400l.7.7M11.900 11.900l.7.7M3.400 12.600l.7-.7M11.900 4.100l.7-.7',
  moon: 'M13 9.600A5.500 5.500 0 0 1 6.400 3a5.500 5.500 0 1 0 6.600 6.600z',
  auto: 'M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11zM8 2.500v11M8 5.500h4.900M8 8h5.500M8 10.500h4.900',
  alert: 'M8 2.300l6 10.900H2zM8 6.300v3.200M8 11.400v.1',
  info: 'M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11zM8 7.500v3.300M8 5.200v.1',
  shield: 'M8 2l5 1.800v3.700c0 3-2 5.300-5 6.500-3-1.200-5-3.500-5-6.500V3.800z',
  offline:
    'M2 2l12 12M4.200 9.300a5.400 5.400 0 0 1 2-1.300M2.200 6.800a8.400 8.400 0 0 1 2.700-1.900M7.300 4a8.300 8.300 0 0 1 6.500 2.800M9.700 8a5.400 5.400 0 0 1 2.100 1.300M8 12.300v.1',
  pause: 'M5.500 3.500v9M10.500 3.500v9',
  play: 'M5 3l8 5-8 5z',
  download: 'M8 2.500v7.500M4.800 7L8 10.200 11.200 7M3 13.300h10',
  trash: 'M2.800 4.300h10.400M6.300 4.300V2.700h3.400v1.600M4.300 4.300l.6 9.200h6.200l.6-9.200',
  edit: 'M10.700 2.900l2.400 2.400-7.500 7.500-3 .6.6-3z',
  chevron: 'M4 6l4 4 4-4',
  back: 'M9.500 3.500L5 8l4.500 4.500',
  more: 'M3.500 8v.1M8 8v.1M12.500 8v.1',
  filter: 'M2.500 4h11M4.500 8h7M6.500 12h3',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture only: what it means is said in words beside it, or in the label of its button. */
export function Icon({ name, large = false }: { readonly name: IconName; readonly large?: boolean }): JSX.Element {
  return (
    <svg class={large ? 'icon large' : 'icon'} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
