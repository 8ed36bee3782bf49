import { describe, expect, it } from 'vitest';
import { liveView } from '../../src/cli/live-view.ts';
import { coloursFor } from '../../src/cli/terminal.ts';
import type { ServerEvent } from '../../src/protocol/index.ts';
import { endedAt, started, windowOf } from './events.ts';

const agent = { channel: 1, channelName: 'agent', role: 'employee' } as const;

function show(events: readonly ServerEvent[], env: NodeJS.ProcessEnv = {}): string[] {
  const view = liveView(coloursFor({}, env));
  return events.map((event) => view.event(event, ''));
}

describe('the live view', () => {
  it('has a row per step with both sides, as soon as both are there', () => {
    expect(
      show([started, windowOf(0, 'anger'), windowOf(0, 'unknown', agent), windowOf(1, 'fear'), endedAt(1000)]),
    ).toEqual([
      '',
      '',
      '   0:00.5  customer: anger 0.60         agent: silence\n',
      '',
      '   0:01.0  customer: fear 0.60\n   0:01.0  ended\n',
    ]);
  });

  it('learns how many channels there are where nobody has told', () => {
    expect(
      show([windowOf(3, 'anger'), windowOf(3, 'anger', agent), windowOf(4, 'fear'), windowOf(4, 'fear', agent)]),
    ).toEqual([
      '',
      '',
      '   0:02.0  customer: anger 0.60         agent: anger 0.60\n',
      '   0:02.5  customer: fear 0.60          agent: fear 0.60\n',
    ]);
  });

  it('shows a small bar per emotion in its colour, and none over silence', () => {
    const [legend, , row] = show([started, windowOf(0, 'anger'), windowOf(0, 'unknown', agent)], { FORCE_COLOR: '1' });
    expect(legend).toContain('\u001b[31m█ anger\u001b[39m');
    expect(row).toContain('\u001b[31m▅\u001b[39m\u001b[32m▁\u001b[39m');
    expect(row).toContain('silence');
    expect(row?.match(/·/g)).toHaveLength(7);
  });

  it('shows what happens between the rows', () => {
    const numbered = { streamId: 's', cursor: 1 };
    const text = show([
      started,
      windowOf(0, 'anger'),
      { type: 'mark', ...numbered, name: 'transfer', atMs: 700 },
      {
        type: 'alert',
        ...numbered,
        rule: 'angry',
        severity: 'high',
        state: 'raised',
        atMs: 800,
        sinceMs: 800,
        evidence: [],
      },
      { type: 'status', ...numbered, code: 'gap', message: 'No audio.' },
    ]).join('');
    expect(text.split('\n')).toEqual([
      '   0:00.5  customer: anger 0.60',
      '   0:00.7  mark transfer',
      '   0:00.8  alert angry raised',
      '           gap: No audio.',
      '',
    ]);
  });
});
