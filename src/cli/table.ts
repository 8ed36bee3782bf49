import type { Colors } from 'picocolors/types.js';
import { clock, clockSeconds } from '../clock.ts';
import type { EndedEvent, ServerEvent, StartedEvent } from '../protocol/index.ts';
import { paintEmotion } from './emotion-style.ts';
import type { Formatter } from './formatter.ts';
import { bar, printable } from './terminal.ts';

const NAME_WIDTH = 12;
const BAR_WIDTH = 10;

/**
 * A timeline for people: a row per segment (a stretch of one label on one channel) when it ends, marks, alerts and
 * conditions where they fall, and what the call came to.
 */
export function tableFormatter(title: string, colours: Colors): Formatter {
  return {
    head: '',
    event(event) {
      const lines = rows(event, title, colours);
      return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
    },
  };
}

function rows(event: ServerEvent, title: string, colours: Colors): readonly string[] {
  switch (event.type) {
    case 'started':
      return startedRows(event, title, colours);
    case 'segment': {
      const times = `${clock(event.startMs).padStart(9)} – ${clock(event.endMs).padEnd(9)}`;
      const name = printable(event.channelName).padEnd(NAME_WIDTH);
      if (event.label === 'unknown') return [`${times} ${name} ${colours.dim('unknown')}`];
      const score = `${bar(event.meanScore, BAR_WIDTH)} ${event.meanScore.toFixed(2)}`;
      return [`${times} ${name} ${paintEmotion(colours, event.label, `${event.label.padEnd(10)} ${score}`)}`];
    }
    case 'mark':
      return [note(event.atMs, 'mark', printable(event.name), colours)];
    case 'alert':
      return [note(event.atMs, 'alert', `${printable(event.rule)} ${event.state}`, colours)];
    case 'status':
      return [colours.yellow(`            ${event.code}: ${printable(event.message)}`)];
    case 'error':
      return [colours.red(`            ${event.code}: ${printable(event.message)}`)];
    case 'ended':
      return endedRows(event, colours);
    case 'window':
    case 'turn':
    case 'ack':
      return [];
  }
}

function startedRows(event: StartedEvent, title: string, colours: Colors): readonly string[] {
  const { windowMs, stepMs } = event.analysis;
  const channels = event.channels.map(({ name, role }) => (role === 'unknown' ? name : `${name} (${role})`)).join(', ');
  return [
    `${colours.bold(printable(title))}  ${printable(channels)}`,
    colours.dim(
      `window ${windowMs / 1000} s, step ${stepMs / 1000} s, model ${printable(event.model.name)} ${printable(event.model.version)}`,
    ),
  ];
}

/** What the call came to: when it ended, and a row per channel. */
export function endedRows(event: EndedEvent, colours: Colors): readonly string[] {
  const channels = event.channels.map((channel) => {
    const shares = Object.entries(channel.shares)
      .sort(([, a], [, b]) => b - a)
      .filter(([, share]) => share >= 0.005)
      .map(([emotion, share]) => `${emotion} ${percent(share)}`)
      .join(', ');
    const head = `${printable(channel.channelName).padEnd(NAME_WIDTH)} spoke ${clockSeconds(channel.speechMs)} in ${turnCount(channel.turns)}`;
    return `${head}, ${percent(channel.coverage)} of windows labelled${shares === '' ? '' : `: ${shares}`}`;
  });
  return [
    colours.bold(`${event.reason === 'stop' ? 'ended' : event.reason} at ${clock(event.durationMs)}`),
    ...channels,
  ];
}

function note(atMs: number, kind: string, text: string, colours: Colors): string {
  return colours.bold(`${clock(atMs).padStart(9)}   ${kind} ${text}`);
}

/** A share as whole per cent. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function turnCount(turns: number): string {
  return `${turns} ${turns === 1 ? 'turn' : 'turns'}`;
}
