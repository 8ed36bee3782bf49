import { clockSeconds } from '../clock.ts';
import type { EndedEvent } from '../protocol/index.ts';
import { percent, turnCount } from './table.ts';
import { printable } from './terminal.ts';

/** What a recording came to, in one row: its length, and what was heard most on every channel. */
export function summaryRow(ended: EndedEvent): string {
  const channels = ended.channels.map(({ channelName, coverage, shares, turns }) => {
    const [most] = Object.entries(shares).sort(([, a], [, b]) => b - a);
    const heard = most === undefined || coverage === 0 ? 'no emotion named' : `${most[0]} ${percent(most[1])}`;
    return `${printable(channelName)}: ${heard}, ${turnCount(turns)}, ${percent(coverage)} labelled`;
  });
  return `${clockSeconds(ended.durationMs).padStart(8)}  ${channels.join(' · ')}`;
}
