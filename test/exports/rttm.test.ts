import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportCall, recordCall } from '../../src/exports/index.ts';
import { eventsOf, type MadeUp, ODD_NAMES } from './call-events.ts';

/** Ten fields between single spaces, as NIST's RTTM specification has them; comments begin with `;;`. */
function parseRttm(text: string) {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const fields = line.split(' ');
      expect(fields).toHaveLength(10);
      const [type, file, channel, start, duration, , , name] = fields;
      expect(type).toBe('SPEAKER');
      return { file, channel: Number(channel), start: Number(start), duration: Number(duration), name };
    });
}

const rttm = (change: MadeUp = {}): string => exportCall(recordCall(eventsOf(change)), 'rttm');

describe('RTTM', () => {
  it('has the turns of all sides by their starts, in seconds', () => {
    expect(parseRttm(rttm())).toEqual([
      { file: 'call-1', channel: 1, start: 0.25, duration: 2.65, name: 'caller' },
      { file: 'call-1', channel: 2, start: 3.1, duration: 1.6255, name: 'agent' },
      { file: 'call-1', channel: 1, start: 4.4, duration: 1.6, name: 'caller' },
    ]);
    expect(rttm().split('\n')[0]).toBe('SPEAKER call-1 1 0.25 2.65 <NA> <NA> caller <NA> <NA>');
    expect(rttm({ turns: [] })).toBe('');
  });

  it('keeps its fields apart whatever the names', () => {
    const name = fc.oneof(fc.constantFrom(...ODD_NAMES), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(name, name, (streamId, channelName) => {
        const channels = [{ name: channelName, role: 'unknown' as const }];
        const [turn, ...none] = parseRttm(rttm({ streamId, channels, labels: [[]], turns: [[0, 0, 1000]] }));
        expect(none).toEqual([]);
        expect(turn?.file).toMatch(/^\S+$/);
        expect(turn?.name).toMatch(/^\S+$/);
      }),
    );
    const [spoken] = parseRttm(
      rttm({ channels: [{ name: 'Ünï\n名前', role: 'bot' }], labels: [[]], turns: [[0, 0, 1]] }),
    );
    expect(spoken?.name).toBe('Ünï_名前');
  });
});
