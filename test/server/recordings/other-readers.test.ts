import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeSamples, openRecording } from '../../../src/audio/index.ts';
import type { WireFormat } from '../../../src/protocol/index.ts';
import { wavHead } from '../../../src/server/recordings/wav-head.ts';
import { voice } from '../../streams/babble.ts';
import { bytesOf, open, placed, record, sound, stream, temporaryFolder } from './folder.ts';

const FORMATS: readonly WireFormat[] = [
  { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 },
  { encoding: 'alaw', sampleRateHz: 8000, channels: 2 },
  { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
  { encoding: 'pcm_s24le', sampleRateHz: 44_100, channels: 1 },
  { encoding: 'pcm_f32le', sampleRateHz: 48_000, channels: 4 },
];
/** What the other tools call the wire encodings. */
const FFMPEG = { mulaw: 'mulaw', alaw: 'alaw', pcm_s16le: 's16le', pcm_s24le: 's24le', pcm_f32le: 'f32le' } as const;

async function wavOf(format: WireFormat): Promise<{ wav: Buffer; path: string; raw: Uint8Array; folder: string }> {
  const opened = await open();
  const live = stream(format);
  const samples = Array.from({ length: format.channels }, (_, index) =>
    voice(format.sampleRateHz, format.sampleRateHz, index),
  );
  const raw = encodeSamples(format, samples);
  await record(opened, live, [sound(raw), { kind: 'gap', durationMs: 500 }, sound(raw)]);
  const audio = await opened.recordings.audio([placed(live)]);
  const wav = await bytesOf(audio.read(0, audio.byteLength));
  await audio.close();
  const path = join(opened.folder, 'out.wav');
  await writeFile(path, wav);
  return { wav, path, raw, folder: opened.folder };
}

describe.each(FORMATS)('a recording of $encoding, $sampleRateHz Hz, $channels channels', (format) => {
  it('is a WAV file to SoX, of the right length', async () => {
    const { path } = await wavOf(format);
    const soxi = (flag: string): string => execFileSync('soxi', [flag, path]).toString().trim();
    expect([soxi('-r'), soxi('-c'), soxi('-b'), soxi('-e')]).toEqual([
      String(format.sampleRateHz),
      String(format.channels),
      '16',
      'Signed Integer PCM',
    ]);
    expect(Number(soxi('-s'))).toBe(2.5 * format.sampleRateHz);
    expect(spawnSync('sox', [path, '-n', 'stat']).stderr.toString()).not.toMatch(/WARN|FAIL/);
  });

  it('is what ffmpeg makes of the same bytes, within a step of 16 bits, and silent in the gap', async () => {
    const { path, raw, folder } = await wavOf(format);
    const bytes = join(folder, 'in.raw');
    await writeFile(bytes, raw);
    const ffmpeg = (args: readonly string[]): Int16Array => {
      const out = execFileSync('ffmpeg', ['-v', 'error', ...args, '-f', 's16le', '-'], { maxBuffer: 1e8 });
      return new Int16Array(out.buffer.slice(out.byteOffset, out.byteOffset + out.length));
    };
    const { encoding, sampleRateHz, channels } = format;
    const theirs = ffmpeg(['-f', FFMPEG[encoding], '-ar', String(sampleRateHz), '-ac', String(channels), '-i', bytes]);
    const ours = ffmpeg(['-i', path]);
    const once = sampleRateHz * channels;
    expect([theirs.length, ours.length]).toEqual([once, 2.5 * once]);
    let largest = 0;
    for (let index = 0; index < once; index += 1) {
      largest = Math.max(largest, Math.abs((ours[index] ?? 0) - (theirs[index] ?? 0)));
    }
    // ffmpeg cuts 24 bits off where we round, and adds no dither.
    expect(largest).toBeLessThanOrEqual(encoding === 'pcm_s24le' || encoding === 'pcm_f32le' ? 1 : 0);
    expect(ours.subarray(once, 1.5 * once).some((sample) => sample !== 0)).toBe(false);
    expect(ours.subarray(1.5 * once)).toEqual(ours.subarray(0, once));
  });
});

describe('a WAV file of more than 4 GiB', () => {
  it.each([
    ['below', 1_073_741_000],
    ['above', 1_500_000_000],
  ])('has a header that others understand (%s the limit)', async (which, frames) => {
    const path = join(await temporaryFolder(), 'long.wav');
    const head = wavHead(48_000, 2, frames);
    // A sparse file: its silence takes no room.
    const file = openSync(path, 'w');
    writeSync(file, head);
    ftruncateSync(file, head.length + frames * 4);
    closeSync(file);
    expect(Buffer.from(head.subarray(0, 4)).toString()).toBe(which === 'below' ? 'RIFF' : 'RF64');
    const probe = JSON.parse(
      execFileSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', path]).toString(),
    ) as { streams: { duration_ts: number; channels: number; sample_rate: string }[] };
    expect(probe.streams[0]).toMatchObject({ duration_ts: frames, channels: 2, sample_rate: '48000' });
    const recording = await openRecording(path);
    expect(recording.durationMs).toBeCloseTo((frames * 1000) / 48_000, 3);
    await recording.close();
  });
});
