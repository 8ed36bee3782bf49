import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeSamples } from '../../../src/audio/index.ts';
import { bytesOf, fileOf, noise, open, placed, record, sound, stream } from './folder.ts';

describe('a waveform', () => {
  it('holds the least and the greatest sample of each bucket of every leg, in the time of the call', async () => {
    const opened = await open();
    const a = stream({ encoding: 'mulaw', sampleRateHz: 8000, channels: 2 });
    const b = stream({ encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 1 });
    await record(opened, a, [sound(noise(70_001)), { kind: 'gap', durationMs: 1_000 }, sound(noise(8_000, 3))]);
    await record(opened, b, [sound(noise(20_000, 4))]);
    const files = [placed(a), placed(b, 250)];
    const audio = await opened.recordings.audio(files);
    const wav = await bytesOf(audio.read(44, audio.byteLength));
    await audio.close();
    const samples = new Int16Array(wav.buffer, wav.byteOffset, wav.length / 2);
    const frames = samples.length / 3;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3_000 }), async (points) => {
        const { durationMs, legs } = await opened.recordings.waveform(files, points);
        expect(durationMs).toBe(audio.durationMs);
        expect(legs.map(({ streamId, channel }) => [streamId, channel])).toEqual([
          [a.streamId, 0],
          [a.streamId, 1],
          [b.streamId, 0],
        ]);
        legs.forEach(({ peaks }, leg) => {
          expect(peaks).toHaveLength(points);
          const brute = Array.from({ length: points }, () => [0, 0] as [number, number]);
          for (let frame = 0; frame < frames; frame += 1) {
            const sample = (samples[frame * 3 + leg] ?? 0) / 32_768;
            const bucket = brute[Math.min(points - 1, Math.floor((frame / frames) * points + 1e-9))];
            if (bucket === undefined) continue;
            bucket[0] = Math.min(bucket[0], sample);
            bucket[1] = Math.max(bucket[1], sample);
          }
          // A sample on the border of two buckets may count to either; so few are that their peaks are compared as a whole.
          const close = peaks.filter(
            ([low, high], index) =>
              Math.abs(low - (brute[index]?.[0] ?? 9)) < 1e-4 && Math.abs(high - (brute[index]?.[1] ?? 9)) < 1e-4,
          );
          expect(close.length / points).toBeGreaterThan(0.98);
        });
      }),
      { numRuns: 12 },
    );
  });

  it('of one channel alone is that leg of the whole', async () => {
    const opened = await open();
    const live = stream({ encoding: 'alaw', sampleRateHz: 8000, channels: 2 });
    await record(opened, live, [sound(noise(9_000))]);
    const whole = await opened.recordings.waveform([placed(live)], 100);
    const one = await opened.recordings.waveform([{ ...placed(live), channel: 1 }], 100);
    expect(one.legs).toEqual([whole.legs[1]]);
  });

  it('may mix rates, for every leg is drawn by itself', async () => {
    const opened = await open();
    const slow = stream({ encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 1 });
    const fast = stream({ encoding: 'pcm_s16le', sampleRateHz: 48_000, channels: 1 });
    const ramp = (rate: number) =>
      encodeSamples({ encoding: 'pcm_s16le', sampleRateHz: rate, channels: 1 }, [
        Float32Array.from({ length: rate }, (_, index) => index / rate),
      ]);
    await record(opened, slow, [sound(ramp(8_000))]);
    await record(opened, fast, [sound(ramp(48_000))]);
    const { durationMs, legs } = await opened.recordings.waveform([placed(slow), placed(fast)], 4);
    expect(durationMs).toBe(1_000);
    for (const { peaks } of legs) {
      expect(peaks.map(([low, high]) => [low, Math.round(high * 100) / 100])).toEqual([
        [0, 0.25],
        [0, 0.5],
        [0, 0.75],
        [0, 1],
      ]);
    }
  });

  it('of nothing is silence', async () => {
    const opened = await open();
    const live = stream();
    await record(opened, live, []);
    expect(await opened.recordings.waveform([placed(live)], 3)).toEqual({
      durationMs: 0,
      legs: [
        {
          streamId: live.streamId,
          channel: 0,
          peaks: [
            [0, 0],
            [0, 0],
            [0, 0],
          ],
        },
      ],
    });
  });

  it.each([0, 1.5, 20_001, Number.NaN, -1])('of %d points is refused', async (points) => {
    const opened = await open();
    await expect(opened.recordings.waveform([], points)).rejects.toMatchObject({ code: 'invalid-query' });
  });

  it('is made once, and again when the recording has grown', async () => {
    const { disk } = await import('../../../src/server/recordings/disk.ts');
    let reads = 0;
    const counting = {
      ...disk,
      open: async (path: string) => {
        const file = await disk.open(path);
        return {
          ...file,
          read: (position: number, length: number) => {
            reads += 1;
            return file.read(position, length);
          },
        };
      },
    };
    const opened = await open({ disk: counting });
    const live = stream();
    await record(opened, live, [sound(noise(200_000))]);
    const first = await opened.recordings.waveform([placed(live)], 50);
    const after = reads;
    const second = await opened.recordings.waveform([placed(live)], 50);
    expect(second).toBe(first);
    // Neither the audio nor what stands between it was read again.
    expect(reads).toBe(after);
    expect(fileOf(live)).toBeDefined();
    expect(await opened.recordings.waveform([placed(live)], 51)).not.toEqual(first);
  });
});
