import type { Colors } from 'picocolors/types.js';
import { clock } from '../clock.ts';
import { EMOTIONS } from '../emotions.ts';
import type { ServerEvent, WindowEvent } from '../protocol/index.ts';
import { paintEmotion } from './emotion-style.ts';
import type { Formatter } from './formatter.ts';
import { level, printable } from './terminal.ts';

const NAME_WIDTH = 9;

/**
 * A timeline as it grows: a row per step with all channels side by side, each with a small bar per emotion in its colour, and
 * the label. Without colours the bars could not be told apart, so there the row has words and numbers alone.
 */
export function liveView(colours: Colors): Formatter {
  const row = new Map<number, WindowEvent>();
  let rowEndMs = 0;
  // Until `started` has told, or a row has shown, how many channels there are, a row ends when the next one begins.
  let channels = Number.POSITIVE_INFINITY;

  const flush = (): string => {
    if (row.size === 0) return '';
    const sides = [...row.values()].sort((a, b) => a.channel - b.channel).map((window) => side(window, colours));
    row.clear();
    return `${clock(rowEndMs).padStart(9)}  ${sides.join('  ').trimEnd()}\n`;
  };

  return {
    head: '',
    event(event) {
      if (event.type === 'started') {
        channels = event.channels.length;
        return colours.isColorSupported ? `${' '.repeat(11)}${legend(colours)}\n` : '';
      }
      if (event.type !== 'window') return note(event, colours, flush);
      let text = '';
      if (event.endMs !== rowEndMs || row.has(event.channel)) {
        if (row.size > 0) channels = row.size;
        text = flush();
      }
      rowEndMs = event.endMs;
      row.set(event.channel, event);
      return row.size >= channels ? text + flush() : text;
    },
  };
}

function legend(colours: Colors): string {
  return EMOTIONS.map((emotion) => paintEmotion(colours, emotion, `█ ${emotion}`)).join('  ');
}

function side(window: WindowEvent, colours: Colors): string {
  const name = printable(window.channelName);
  const said = window.label === 'unknown' ? (window.reason ?? 'unknown') : `${window.label} ${window.score.toFixed(2)}`;
  if (!colours.isColorSupported) return `${name}: ${said}`.padEnd(NAME_WIDTH + 18);
  const silent = window.reason === 'silence' || window.reason === 'noise';
  const bars = EMOTIONS.map((emotion) =>
    silent ? colours.dim('·') : paintEmotion(colours, emotion, level(window.probabilities[emotion] ?? 0)),
  );
  return `${name.padEnd(NAME_WIDTH)} ${bars.join('')} ${paintEmotion(colours, window.label, said.padEnd(15))}`;
}

/** What is no window but belongs on the way: it ends the row that has begun. */
function note(event: ServerEvent, colours: Colors, flush: () => string): string {
  switch (event.type) {
    case 'mark':
      return `${flush()}${colours.bold(`${clock(event.atMs).padStart(9)}  mark ${printable(event.name)}`)}\n`;
    case 'alert':
      return `${flush()}${colours.bold(`${clock(event.atMs).padStart(9)}  alert ${printable(event.rule)} ${event.state}`)}\n`;
    case 'status':
    case 'error':
      return `${flush()}${colours.yellow(`${' '.repeat(11)}${event.code}: ${printable(event.message)}`)}\n`;
    case 'ended':
      return `${flush()}${colours.bold(`${clock(event.durationMs).padStart(9)}  ${event.reason === 'stop' ? 'ended' : event.reason}`)}\n`;
    default:
      return '';
  }
}
