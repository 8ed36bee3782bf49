import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeSamples, writeWav } from '../../src/audio/index.ts';
import { readClip } from '../../src/training/clip-audio.ts';
import { corpusSource, findClips } from '../../src/training/clips.ts';
import { clipSets } from '../../src/training/feature-cache.ts';
import { joinedStreams } from '../../src/training/joined-streams.ts';
import { DEFAULT_LABELS } from '../../src/training/labels.ts';
import { Random } from '../../src/training/random.ts';

const FORMAT = { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 } as const;

/** A call of 6 s in one file, and its two parts in files of their own. */
async function folderOfCall(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-sections-'));
  const random = new Random('call');
  const samples = Float32Array.from(
    { length: 96_000 },
    (_, n) => 0.3 * Math.sin(n / 20) * Math.sin(n / 3000) + 0.01 * random.normal(),
  );
  const write = (name: string, part: Float32Array) =>
    writeWav(join(folder, name), FORMAT, encodeSamples(FORMAT, [part]));
  await write('call.wav', samples);
  await write('one.wav', samples.subarray(0, 40_000));
  await write('two.wav', samples.subarray(40_000, 96_000));
  writeFileSync(
    join(folder, 'parts.csv'),
    'path,label,speaker,start,end\ncall.wav,anger,x,0,2.5\ncall.wav,sadness,x,2.5,6\ncall.wav,fear,x,7,8\n',
  );
  writeFileSync(join(folder, 'files.csv'), 'path,label,speaker\none.wav,anger,x\ntwo.wav,sadness,x\n');
  return folder;
}

describe('parts of recordings', () => {
  it('have the windows of the same samples in a file of their own', async () => {
    const folder = await folderOfCall();
    const warnings: string[] = [];
    const setOf = async (list: string) => {
      const clips = findClips(corpusSource(`csv=${join(folder, list)}`), DEFAULT_LABELS);
      const [set] = await clipSets(clips, ['clean'], {
        cache: join(folder, 'cache'),
        grid: { windowMs: 1000, stepMs: 500 },
        noises: { training: [], test: [] },
        seed: 1,
        workers: 0,
        onWarning: (message) => warnings.push(message),
      });
      return set!;
    };
    const files = await setOf('files.csv');
    const parts = await setOf('parts.csv');
    expect(files.count).toBeGreaterThan(5);
    expect(parts.count).toBe(files.count);
    expect(parts.features).toEqual(files.features);
    // The part that begins after the end of the call is left out, and said to be.
    expect(warnings).toEqual(['csv:parts/call.wav@7000-8000 was left out: it begins after the end of its recording']);
  });

  it('are read alike whatever was read before, to the sample', async () => {
    const folder = await folderOfCall();
    const call = join(folder, 'call.wav');
    const whole = await readClip({ path: call });
    expect(whole).toHaveLength(96_000);
    for (const [startMs, endMs] of [
      [2500, 6000],
      [0, 1],
      [5999, 9000],
      [2500, 6000],
    ] as const) {
      expect(await readClip({ path: call, section: { startMs, endMs } })).toEqual(
        whole.subarray(startMs * 16, endMs * 16),
      );
    }
    const one = await readClip({ path: join(folder, 'one.wav'), section: { startMs: 1000, endMs: 2000 } });
    expect(one).toEqual(whole.subarray(16_000, 32_000));
  });

  it('go into joined streams as parts', async () => {
    const folder = await folderOfCall();
    const clips = findClips(corpusSource(`csv=${join(folder, 'parts.csv')}`), DEFAULT_LABELS);
    const [stream] = joinedStreams(clips, 1);
    expect(stream!.sections).toEqual(stream!.clips.map(({ section }) => section));
    expect(stream!.sections).toHaveLength(3);
  });
});
