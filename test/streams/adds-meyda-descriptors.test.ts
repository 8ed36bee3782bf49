import { describe, expect, it } from 'vitest';
import { featureSet, MEYDA_DESCRIPTORS, meydaValueNames } from '../../src/features/index.ts';
import type { WindowEvent } from '../../src/protocol/index.ts';
import { createAnalyzer } from '../../src/streams/index.ts';
import { babble } from './babble.ts';
import { fakeManifest, LinearModel } from './fake-model.ts';

const FORMAT = { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 } as const;
const audio = babble(FORMAT, 1.2);

/** The descriptors of every window of the audio. */
function described(descriptors: readonly string[]): NonNullable<WindowEvent['descriptors']>[] {
  const stream = createAnalyzer({ model: new LinearModel(fakeManifest(featureSet)) }).open({
    streamId: 's',
    callId: 's',
    format: FORMAT,
    channels: [{ name: 'mixed', role: 'unknown' }],
    analysis: { windowMs: 600, stepMs: 200, descriptors },
  });
  const windows: WindowEvent[] = [];
  stream.events.subscribe((event) => event.type === 'window' && windows.push(event));
  stream.push(audio);
  stream.stop('stop');
  return windows.map((window) => window.descriptors ?? {});
}

describe('descriptors asked for by name', () => {
  const together = described(MEYDA_DESCRIPTORS);

  it.each(MEYDA_DESCRIPTORS)('%s has the same values alone as among all others', (name) => {
    const names = meydaValueNames([name]);
    const alone = described([name]);
    expect(alone.length).toBeGreaterThan(4);
    expect(Object.keys(alone[0]!)).toEqual(names);
    expect(alone).toEqual(together.map((all) => Object.fromEntries(names.map((key) => [key, all[key]]))));
  });

  it('keep their names in any order, and count once if they are repeated', () => {
    const [window] = described(['loudness', 'mfcc', 'loudness', 'rms']);
    expect(Object.keys(window!)).toEqual(['loudness', ...Array.from({ length: 13 }, (_, k) => `mfcc.${k}`), 'rms']);
    expect(window).toEqual(Object.fromEntries(Object.keys(window!).map((key) => [key, together[0]![key]])));
  });

  it('are means of numbers: some differ from each other, and levels are positive', () => {
    expect(new Set(Object.values(together[2]!)).size).toBeGreaterThan(60);
    const { rms } = together[2]!;
    expect(rms).toBeGreaterThan(0);
  });
});
