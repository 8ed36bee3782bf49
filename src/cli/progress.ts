import cliProgress from 'cli-progress';
import { clockSeconds } from './clock.ts';
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

/** A bar with the expected time on stderr, where stderr is a terminal; nothing elsewhere. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return NONE;
  let bar: cliProgress.SingleBar | undefined;
  return {
    begin(name, totalMs) {
      if (totalMs === undefined) return;
      bar = new cliProgress.SingleBar({
        stream,
        format: '{name} {bar} {percentage} %  {at} of {total}  {eta_formatted} to go',
        barCompleteChar: '█',
        barIncompleteChar: '░',
        barsize: 24,
        hideCursor: null,
        clearOnComplete: true,
        forceRedraw: true,
        etaBuffer: 50,
        fps: 8,
        formatValue: (value, _options, type) => (type === 'total' ? clockSeconds(value) : String(value)),
      });
      bar.start(totalMs, 0, { name: fitted(name), at: clockSeconds(0) });
    },
    at(positionMs) {
      bar?.update(Math.min(positionMs, bar.getTotal()), { at: clockSeconds(positionMs) });
    },
    clear() {
      if (bar !== undefined) stream.write('\r\u001b[K');
    },
    end() {
      bar?.stop();
      bar = undefined;
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
  return {
    at(phase, done, total) {
      if (phase !== current) {
        current = phase;
        bar?.stop();
        if (!stream.isTTY) stream.write(`${phase}\n`);
        else {
          const format = '{phase} {bar} {percentage} %  {eta_formatted} to go';
          bar = new cliProgress.SingleBar({
            stream,
            format,
            hideCursor: null,
            forceRedraw: true,
            etaBuffer: 50,
            fps: 8,
          });
          bar.start(total, 0, { phase: phase.padEnd(20) });
        }
      }
      bar?.setTotal(total);
      bar?.update(done);
    },
    clear() {
      if (bar !== undefined) stream.write('\r\u001b[K');
    },
    end() {
      bar?.stop();
      bar = undefined;
    },
  };
}
