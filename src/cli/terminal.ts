import picocolors from 'picocolors';
import type { Colors } from 'picocolors/types.js';

/** What of a terminal decides about colour. */
interface Terminal {
  readonly isTTY?: boolean;
}

/**
 * Colours for a stream: on a terminal that can show them, and never where `NO_COLOR` is set to anything
 * (https://no-color.org). `FORCE_COLOR` turns them on for a pipe.
 */
export function coloursFor(stream: Terminal, env: NodeJS.ProcessEnv = process.env): Colors {
  const { NO_COLOR, FORCE_COLOR, TERM } = env;
  const forbidden = Boolean(NO_COLOR) || TERM === 'dumb';
  const wanted = Boolean(stream.isTTY) || (Boolean(FORCE_COLOR) && FORCE_COLOR !== '0');
  return picocolors.createColors(wanted && !forbidden);
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A bar of `width` characters, filled from the left to an eighth of a character. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  return ('█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]).padEnd(width);
}

const LEVELS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** One character as high as the share. */
export function level(share: number): string {
  return LEVELS[Math.round(Math.min(1, Math.max(0, share)) * 8)] ?? ' ';
}

/**
 * A text from outside (a file or stream name, a mark) made safe for a terminal: control characters, which could move the
 * cursor or recolour what follows, become `?`.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}
