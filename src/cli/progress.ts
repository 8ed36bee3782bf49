import cliProgress from 'cli-progress';
import { clockSeconds } from '../clock.ts';
import { printable } from './terminal.ts';

/** How far a recording has come. */
export interface Progress {
  begin(name: string, totalMs: number | undefined): void;
  at(positionMs: number): void;
  /** Makes room for a line of text; the bar comes back by itself. */
  clear(): void;
  end(): void;
}

const NONE: Progress = { begin() {}, at() {}, clear() {}, end() {} };
const NAME_WIDTH = 28;
const STYLE = {
  barCompleteChar: '█',
  barIncompleteChar: '░',
  barsize: 24,
  hideCursor: null,
  clearOnComplete: true,
  forceRedraw: true,
  fps: 8,
} as const;

/** A bar with the expected time on stderr, where stderr is a terminal; nothing elsewhere. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return NONE;
  let name = '';
  let totalMs: number | undefined;
  let beganAt = 0;
  let bar: cliProgress.SingleBar | undefined;
  const clear = (): void => {
    // A bar that stops goes back to the line it began on: before anything is written below, and a new one begins there.
    bar?.stop();
    bar = undefined;
  };
  return {
    begin(recording, durationMs) {
      name = fitted(recording);
      totalMs = durationMs;
      beganAt = performance.now();
    },
    at(positionMs) {
      if (totalMs === undefined) return;
      const position = Math.min(positionMs, totalMs);
      const leftMs = ((performance.now() - beganAt) * (totalMs - position)) / Math.max(1, position);
      // The first few messages tell little of how long the rest will take.
      const left = position < totalMs / 50 ? '…' : clockSeconds(leftMs + 999);
      const payload = { name, at: clockSeconds(position), of: clockSeconds(totalMs), left };
      if (bar === undefined) {
        bar = new cliProgress.SingleBar({
          ...STYLE,
          stream,
          format: '{name} {bar} {percentage} %  {at} of {of}  {left} to go',
        });
        bar.start(totalMs, position, payload);
      } else bar.update(position, payload);
    },
    clear,
    end() {
      clear();
      totalMs = undefined;
    },
  };
}

/** The end of a long name tells more than its beginning. */
function fitted(name: string): string {
  const text = printable(name);
  return text.length > NAME_WIDTH ? `…${text.slice(1 - NAME_WIDTH)}` : text;
}

/** How far a long work of several phases has come. */
export interface Phases {
  at(phase: string, done: number, total: number): void;
  clear(): void;
  end(): void;
}

/** A bar per phase where the stream is a terminal; elsewhere a line when a phase begins. */
export function phasesOn(stream: NodeJS.WriteStream): Phases {
  let current: string | undefined;
  let bar: cliProgress.SingleBar | undefined;
  const clear = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    at(phase, done, total) {
      if (phase !== current) {
        current = phase;
        clear();
        if (!stream.isTTY) stream.write(`${phase}\n`);
      }
      if (!stream.isTTY) return;
      if (bar === undefined) {
        bar = new cliProgress.SingleBar({
          ...STYLE,
          stream,
          etaBuffer: 50,
          format: '{phase} {bar} {percentage} %  {eta_formatted} to go',
        });
        bar.start(total, done, { phase: phase.padEnd(20) });
      } else bar.update(done);
    },
    clear,
    end: clear,
  };
}
