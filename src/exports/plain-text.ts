/** Text on one line: every run of line breaks, tabs and other control characters becomes a space; lone surrogates U+FFFD. */
export function oneLine(text: string): string {
  return (
    text
      .replace(/\p{Surrogate}/gu, '\ufffd')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what breaks a line, or a reader
      .replace(/[\u0000-\u0020\u007f-\u009f\u2028\u2029]+/g, ' ')
      .trim()
  );
}

/** `HH:MM:SS` and milliseconds behind a separator, as subtitles want them. */
export function subtitleTime(ms: number, separator: '.' | ','): string {
  const whole = Math.round(ms);
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
  const seconds = Math.floor(whole / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds % 60, 2)}${separator}${pad(whole % 1000, 3)}`;
}

/** Seconds with at most six decimals. */
export const seconds = (ms: number): string => String(Math.round(ms * 1000) / 1_000_000);
