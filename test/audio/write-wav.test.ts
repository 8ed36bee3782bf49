import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AUDIO_ENCODINGS, bytesPerSample, openRecording, wavHeader, writeWav } from '../../src/audio/index.ts';
import { bytesOf, errorOf, temporaryFolder, tool } from './tools.ts';

const folder = temporaryFolder();

describe('writeWav', () => {
  it('writes the 44 bytes of plain PCM', () => {
    const header = wavHeader({ encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 2 }, 6);
    expect(Buffer.from(header).toString('hex')).toBe(
      '524946462a00000057415645666d742010000000010002' + '00401f0000007d0000040010006461746106000000',
    );
  });

  it.each(AUDIO_ENCODINGS)('%s comes back as it was, to us and to SoX', async (encoding) => {
    const path = join(folder, `${encoding}.wav`);
    const bytes = Uint8Array.from({ length: 3 * 125 * bytesPerSample(encoding) }, (_, i) => (i * 7) & 0x3f);
    await writeWav(path, { encoding, sampleRateHz: 11_025, channels: 3 }, bytes);
    expect(readFileSync(path).length % 2).toBe(0);
    const recording = await openRecording(path);
    expect(recording.format).toEqual({ encoding, sampleRateHz: 11_025, channels: 3 });
    expect(await bytesOf(recording)).toEqual(Buffer.from(bytes));
    expect(recording.warning).toBeUndefined();
    await recording.close();
    const raw = { pcm_s16le: 's16', pcm_s24le: 's24', pcm_f32le: 'f32', mulaw: 'ul', alaw: 'al' }[encoding];
    // SoX would round floats to its 32-bit integers.
    if (encoding !== 'pcm_f32le') expect(tool('sox', [path, '-t', raw, '-'])).toEqual(Buffer.from(bytes));
    else expect(tool('ffmpeg', ['-i', path, '-f', 'f32le', '-'])).toEqual(Buffer.from(bytes));
  });

  it('says where it cannot write', async () => {
    const path = join(folder, 'nowhere', 'a.wav');
    const error = await errorOf(
      writeWav(path, { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 }, new Uint8Array(1)),
    );
    expect(error.code).toBe('file-unwritable');
    expect(error.message).toContain(path);
  });

  it('refuses more than 4 GiB', () => {
    expect(() => wavHeader({ encoding: 'mulaw', sampleRateHz: 8000, channels: 1 }, 2 ** 32)).toThrow(RangeError);
  });
});
