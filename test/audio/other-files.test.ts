import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { alawToLinear, mulawToLinear, openRecording, readMono16k, wavHeader } from '../../src/audio/index.ts';
import { bytesOf, decodedByFfmpeg, errorOf, fileOf, floatsOf, int16Of, temporaryFolder, tool } from './tools.ts';

const folder = temporaryFolder();
const file = (name: string) => join(folder, name);
const codeOfOpening = async (path: string) => (await errorOf(openRecording(path))).code;

afterEach(() => {
  vi.unstubAllEnvs();
});

beforeAll(() => {
  tool('sox', [
    '-n',
    '-r',
    '22050',
    '-c',
    '2',
    '-b',
    '16',
    file('call.wav'),
    'synth',
    '0.8',
    'sine',
    '300',
    'sine',
    '500',
    'vol',
    '0.5',
  ]);
  for (const extension of ['m4a', 'webm', 'aiff', 'wma'])
    tool('ffmpeg', ['-i', file('call.wav'), file(`call.${extension}`)]);
  tool('sox', [file('call.wav'), '-e', 'ima-adpcm', file('adpcm.wav')]);
});

describe('through ffmpeg', () => {
  it.each(['call.m4a', 'call.webm', 'call.aiff', 'call.wma', 'adpcm.wav'])('%s', async (name) => {
    const recording = await openRecording(file(name));
    const samples = floatsOf(await bytesOf(recording));
    await recording.close();
    expect(recording.format).toMatchObject({ encoding: 'pcm_f32le', channels: 2 });
    expect(samples).toEqual(decodedByFfmpeg(file(name)));
    expect(recording.durationMs).toBeGreaterThan(750);
    expect(recording.durationMs).toBeLessThan(900);
    expect(recording.warning).toBeUndefined();
  });

  it('names with options and protocols in them are names', async () => {
    for (const name of ['-i', 'http:call.m4a', 'a;b $(c).m4a', 'concat:a|b']) {
      tool('ffmpeg', ['-i', file('call.m4a'), '-c', 'copy', '-f', 'mp4', `file:${file(name)}`]);
      const recording = await openRecording(file(name));
      expect((await bytesOf(recording)).length).toBeGreaterThan(100_000);
      await recording.close();
    }
  });

  it('is ended when the reading is', async () => {
    tool('sox', ['-n', '-r', '44100', '-c', '2', file('long.aiff'), 'synth', '60', 'sine', '300']);
    const recording = await openRecording(file('long.aiff'));
    for await (const chunk of recording.chunks(1000)) {
      expect(chunk).toHaveLength(1000);
      break;
    }
    const other = recording.chunks()[Symbol.asyncIterator]();
    await other.next();
    await recording.close(); // and the second process with it
    await other.return?.();
  });

  it('says so when it is missing', async () => {
    vi.stubEnv('PATH', folder);
    expect(await codeOfOpening(file('call.m4a'))).toBe('ffmpeg-missing');
    expect(await codeOfOpening(file('adpcm.wav'))).toBe('ffmpeg-missing');
    expect(await codeOfOpening(fileOf(file('notes.txt'), 'These are notes.'))).toBe('file-not-audio');
  });
});

describe('files that are no audio', () => {
  const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 2_654_435_761) >>> 24);
  it.each([
    ['text', 'Minutes of the meeting, Monday.\n'.repeat(100)],
    ['UTF-16 text', `\xff\xfe${'H\0e\0l\0l\0o\0'.repeat(400)}`],
    ['random bytes', bytes(20_000)],
    ['one byte', 'R'],
    ['zeros', new Uint8Array(5000)],
    ['a picture', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0'],
    ['a tag without MP3', 'ID3\x04\0\0\0\0\0\x10no audio follows this tag, only words and more words'],
    ['a WAV with a short format', 'RIFF\x20\0\0\0WAVEfmt \x04\0\0\0\x01\0\x01\0data\x02\0\0\0\0\0'],
    ['a WAV without a format', 'RIFF\x20\0\0\0WAVEdata\x02\0\0\0\0\0'],
    [
      'a WAV without channels',
      'RIFF\x2a\0\0\0WAVEfmt \x10\0\0\0\x01\0\0\0\x40\x1f\0\0\0\0\0\0\0\0\x10\0data\x02\0\0\0\0\0',
    ],
    ['a FLAC of nonsense', `fLaC\0\0\0\x22${'\0'.repeat(100)}`],
  ])('%s', async (_name, content) => {
    expect(await codeOfOpening(fileOf(file('what'), content))).toBe('file-not-audio');
  });

  it('a playlist reads no other file and no network', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const lists = [
      `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:${port}/a.ts\n#EXT-X-ENDLIST\n`,
      `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${file('call.m4a')}\n#EXT-X-ENDLIST\n`,
      `ffconcat version 1.0\nfile '${file('call.m4a')}'\n`,
      `v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio ${port} RTP/AVP 0\n`,
    ];
    for (const list of lists) expect(await codeOfOpening(fileOf(file('list.m3u8'), list))).toBe('file-not-audio');
    expect(connections).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('files that cannot be read', () => {
  it('a missing file', async () => {
    expect(await codeOfOpening(file('nowhere.wav'))).toBe('file-missing');
    expect(await codeOfOpening(join(file('call.wav'), 'inside.wav'))).toBe('file-missing');
  });
  it('an empty file', async () => {
    expect(await codeOfOpening(fileOf(file('empty.wav')))).toBe('file-empty');
  });
  it('a folder', async () => {
    mkdirSync(file('folder.wav'));
    expect((await errorOf(openRecording(file('folder.wav')))).message).toContain('it is a folder');
  });
  it('a socket, a circle of links, names that cannot be', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(file('socket'), resolve));
    expect(await codeOfOpening(file('socket'))).toBe('file-unreadable');
    await new Promise((resolve) => server.close(resolve));
    symlinkSync(file('circle'), file('circle'));
    expect(await codeOfOpening(file('circle'))).toBe('file-unreadable');
    expect(await codeOfOpening('x'.repeat(5000))).toBe('file-unreadable');
    expect(await codeOfOpening('a\0b.wav')).toBe('file-unreadable');
  });
  it('a file with more than 8 channels', async () => {
    tool('sox', ['-n', '-r', '8000', '-c', '9', '-b', '16', file('nine.wav'), 'synth', '0.1', 'sine', '300']);
    expect(await codeOfOpening(file('nine.wav'))).toBe('channels-out-of-range');
  });
  it.each([1, 999, 768_001, 0xffffffff])('a header that states %i Hz', async (rate) => {
    const header = Buffer.from(wavHeader({ encoding: 'mulaw', sampleRateHz: 8000, channels: 1 }, 100));
    header.writeUInt32LE(rate, 24);
    expect(await codeOfOpening(fileOf(file('rate.wav'), header, new Uint8Array(100)))).toBe('rate-out-of-range');
  });
  it('an encoding that is not of the wire', async () => {
    const encoding = 'opus' as 'mulaw';
    expect((await errorOf(openRecording(file('call.wav'), { encoding }))).code).toBe('unknown-encoding');
  });
});

describe('another encoding, another rate', () => {
  it.each(['mulaw', 'alaw'] as const)('%s, as ffmpeg encodes it within a step', async (encoding) => {
    const recording = await openRecording(file('call.wav'), { encoding });
    expect(recording.format).toEqual({ encoding, sampleRateHz: 22_050, channels: 2 });
    const bytes = await bytesOf(recording);
    await recording.close();
    const expected = tool('ffmpeg', ['-i', file('call.wav'), '-f', encoding, '-']);
    expect(bytes).toHaveLength(expected.length);
    const toLinear = encoding === 'mulaw' ? mulawToLinear : alawToLinear;
    const far = bytes.findIndex((byte, i) => {
      const theirs = toLinear(expected[i]!);
      return Math.abs(toLinear(byte) - theirs) > 16 + Math.abs(theirs) / 16;
    });
    expect(far).toBe(-1);
  });

  it('floats and back are the same integers', async () => {
    const recording = await openRecording(file('call.wav'), { encoding: 'pcm_f32le' });
    const integers = Int16Array.from(floatsOf(await bytesOf(recording)), (x) => x * 32_768);
    await recording.close();
    const plain = await openRecording(file('call.wav'));
    expect(integers).toEqual(int16Of(await bytesOf(plain)));
    await plain.close();
  });

  it.each([
    [96_000, 48_000],
    [192_000, 48_000],
    [6000, 8000],
    [16_000, 16_000],
  ])('%i Hz comes at %i Hz', async (from, to) => {
    const path = file(`rate-${from}.wav`);
    tool('sox', ['-n', '-r', `${from}`, '-c', '1', '-b', '16', path, 'synth', '0.5', 'sine', '1000', 'vol', '0.5']);
    const recording = await openRecording(path);
    const bytes = await bytesOf(recording);
    await recording.close();
    expect(recording.format).toMatchObject({ sampleRateHz: to, encoding: from === to ? 'pcm_s16le' : 'pcm_f32le' });
    expect(recording.durationMs).toBe(500);
    expect(bytes).toHaveLength((to / 2) * (from === to ? 2 : 4));
    if (from === to) return;
    const middle = floatsOf(bytes).subarray(to / 8, -to / 8);
    const rms = Math.sqrt(middle.reduce((sum, x) => sum + x * x, 0) / middle.length);
    expect(rms).toBeCloseTo(0.5 / Math.SQRT2, 2);
  });
});

describe('readMono16k', () => {
  it('gives the mean of the channels at 16 kHz', async () => {
    const samples = await readMono16k(file('call.wav'));
    expect(samples).toHaveLength(12_800);
    // 300 Hz left, 500 Hz right, both at half scale.
    const amplitude = (hz: number) => {
      let [re, im] = [0, 0];
      for (let i = 1600; i < 11_200; i++) {
        re += samples[i]! * Math.cos((2 * Math.PI * hz * i) / 16_000);
        im += samples[i]! * Math.sin((2 * Math.PI * hz * i) / 16_000);
      }
      return (2 * Math.hypot(re, im)) / 9600;
    };
    expect([300, 500, 700].map((hz) => amplitude(hz).toFixed(3))).toEqual(['0.250', '0.250', '0.000']);
  });

  it('gives 16 kHz mono untouched', async () => {
    tool('sox', ['-n', '-r', '16000', '-c', '1', '-b', '16', file('16k.wav'), 'synth', '5', 'pinknoise']);
    const expected = decodedByFfmpeg(file('16k.wav'));
    expect(await readMono16k(file('16k.wav'))).toEqual(expected);
  });

  it('refuses floats that are not finite', async () => {
    const header = tool('sox', [
      '-n',
      '-r',
      '16000',
      '-e',
      'floating-point',
      '-b',
      '32',
      '-t',
      'wav',
      '-',
      'trim',
      '0',
      '0',
    ]);
    const path = file('nan.wav');
    writeFileSync(path, Buffer.concat([header, Buffer.from(Float32Array.of(0.5, Number.NaN).buffer)]));
    expect((await errorOf(readMono16k(path))).code).toBe('audio-not-finite');
  });

  it('leaves no file open, whatever happens', async () => {
    for (let i = 0; i < 3000; i++) {
      await readMono16k(
        fileOf(
          file('brief.wav'),
          'RIFF....WAVEfmt \x10\0\0\0\x07\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x04\0\0\0abcd',
        ),
      );
      if (i % 3 === 0) await errorOf(openRecording(fileOf(file('brief.txt.wav'), 'RIFF....WAVEfmt ')));
    }
  });
});
