/** `1:05`, `12:05`, `1:02:05`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** For screen readers: `1 minute 5 seconds`. */
export function spokenDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const part = (value: number, unit: string): string[] =>
    value === 0 ? [] : [`${value} ${unit}${value === 1 ? '' : 's'}`];
  const parts = [
    ...part(Math.floor(seconds / 3600), 'hour'),
    ...part(Math.floor(seconds / 60) % 60, 'minute'),
    ...part(seconds % 60, 'second'),
  ];
  return parts.length === 0 ? '0 seconds' : parts.join(' ');
}

/** `64 %` with a narrow no-break space. */
export const percent = (share: number): string => `${Math.round(100 * share)}\u202f%`;

/** Minus sign and plus sign, one decimal or as many as asked: `−0.4`. */
export function signed(value: number, decimals = 1): string {
  const text = Math.abs(value).toFixed(decimals);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '\u2212' : '+'}${text}`;
}

export const count = (value: number, one: string, many = `${one}s`): string =>
  `${value.toLocaleString('en')} ${value === 1 ? one : many}`;

/** Of the supervisor's clock: `14:05`. */
export const timeOfDay = (iso: string): string =>
  new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** `24 Nov, 14:05`. */
export const dateAndTime = (iso: string): string =>
  `${new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${timeOfDay(iso)}`;

export const ROLE_WORDS = { customer: 'Customer', employee: 'Employee', bot: 'Bot', unknown: 'Speaker' } as const;

/** How a side is called: by its name where that says more than its role. */
export const sideName = (name: string, role: keyof typeof ROLE_WORDS): string =>
  name === '' || name.toLowerCase() === role ? ROLE_WORDS[role] : name;
