import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIO_ENCODINGS, encodeSamples, SampleDecoder } from '../../../src/audio/index.ts';
import { type WireFormat, wireFrameBytes } from '../../../src/protocol/index.ts';
import type { RecordedItem } from '../../../src/server/recordings/recording-reader.ts';
import type { StreamInput } from '../../../src/server/taps.ts';
import {
  bytesOf,
  collect,
  fileOf,
  itemsOf,
  noise,
  open,
  placed,
  reader,
  record,
  sound,
  stream,
  temporaryFolder,
} from './folder.ts';

const formats = fc.record({
  encoding: fc.constantFrom(...AUDIO_ENCODINGS),
  sampleRateHz: fc.constantFrom(8_000, 11_025, 16_000, 22_050, 44_100, 48_000),
  channels: fc.integer({ min: 1, max: 8 }),
});
const inputs: fc.Arbitrary<StreamInput> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.nat({ max: 700 }), fc.nat()).map(([n, seed]) => sound(noise(n, seed))) },
  { weight: 1, arbitrary: fc.nat({ max: 9 }).map((seed) => sound(noise(70_000, seed))) },
  {
    weight: 1,
    arbitrary: fc.double({ min: 0, max: 40, noNaN: true }).map((durationMs) => ({ kind: 'gap', durationMs }) as const),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }).map((name) => ({ kind: 'mark', name }) as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'status', code: 'paused', message: 'Gone…' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'stretch', factor: 2 } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'resumed' } as const) },
);

/**
 * What a stream's analysis is given, by the contract of `Inbox`: bytes in order, but for those of a sample that had not come whole
 * when another connection went on. Audio between two notes is one item; a part of a sample goes behind the notes that follow it.
 */
function heard(format: WireFormat, all: readonly StreamInput[]): RecordedItem[] {
  const frame = wireFrameBytes(format);
  const items: RecordedItem[] = [];
  let pending = Buffer.alloc(0);
  const flush = (bytes: number): void => {
    if (bytes > 0) items.push({ kind: 'audio', bytes: pending.subarray(0, bytes) });
    pending = pending.subarray(bytes);
  };
  const whole = (): number => pending.length - (pending.length % frame);
  for (const input of all) {
    if (input.kind === 'audio') pending = Buffer.concat([pending, input.bytes]);
    else if (input.kind === 'resumed') pending = pending.subarray(0, whole());
    else {
      flush(whole());
      items.push(input as RecordedItem);
    }
  }
  flush(whole());
  flush(pending.length);
  return items;
}

/** Chunks that follow each other as one. */
function joined(items: readonly RecordedItem[], frame: number): RecordedItem[] {
  const out: RecordedItem[] = [];
  for (const item of items) {
    const last = out.at(-1);
    if (
      item.kind === 'audio' &&
      last?.kind === 'audio' &&
      last.bytes.length % frame === 0 &&
      item.bytes.length >= frame
    ) {
      out[out.length - 1] = { kind: 'audio', bytes: Buffer.concat([last.bytes, item.bytes]) };
    } else {
      out.push(item);
    }
  }
  return out;
}

const plain = (items: readonly RecordedItem[]): unknown[] =>
  items.map((item) => (item.kind === 'audio' ? Buffer.from(item.bytes).toString('base64') : item));

describe('a recording', () => {
  it('gives back every byte and every note in order, of any encoding, rate and chunking, with gaps and resumptions', async () => {
    const folder = await temporaryFolder();
    await fc.assert(
      fc.asyncProperty(formats, fc.array(inputs, { maxLength: 25 }), async (format, all) => {
        const live = stream(format);
        await record(await open({ folder }), live, all);
        const frame = wireFrameBytes(format);
        expect(plain(joined(await itemsOf(folder, live), frame))).toEqual(plain(joined(heard(format, all), frame)));
        const opened = await reader(folder, live);
        const { runId, streamId, callId, startedAtMs } = live;
        const { channels, analysis } = live.settings;
        expect(opened.info).toEqual({ runId, streamId, callId, startedAtMs, format, channels, analysis });
        expect(opened.index.end).toEqual({ reason: 'stop' });
        await opened.close();
      }),
      { numRuns: 60 },
    );
  });

  it('is played as the analysis hears it: decoded, rounded to 16 bits, silent where audio is missing', async () => {
    const folder = await temporaryFolder();
    await fc.assert(
      fc.asyncProperty(formats, fc.array(inputs, { maxLength: 15 }), async (format, all) => {
        const live = stream(format);
        const opened = await open({ folder });
        await record(opened, live, all);
        const expected: Uint8Array[] = [];
        const decoder = new SampleDecoder(format);
        const pcm = { ...format, encoding: 'pcm_s16le' } as const;
        for (const item of heard(format, all)) {
          if (item.kind === 'audio') {
            const finite = format.encoding === 'pcm_f32le' ? finiteOnly(item.bytes) : item.bytes;
            decoder.push(finite);
            const channels = Array.from({ length: format.channels }, (_, channel) => decoder.channel(channel));
            expected.push(encodeSamples(pcm, channels));
          } else if (item.kind === 'gap') {
            const samples = Math.round((item.durationMs * format.sampleRateHz) / 1000);
            expected.push(new Uint8Array(samples * 2 * format.channels));
          }
        }
        const audio = await opened.recordings.audio([placed(live)]);
        const wav = await bytesOf(audio.read(0, audio.byteLength));
        await audio.close();
        expect(wav.length).toBe(audio.byteLength);
        expect(wav.subarray(44).equals(Buffer.concat(expected))).toBe(true);
        expect(audio).toMatchObject({ sampleRateHz: format.sampleRateHz, complete: true });
        expect(audio.legs).toHaveLength(format.channels);
      }),
      { numRuns: 60 },
    );
  });

  it('of floats that are none is silent there', async () => {
    const live = stream({ encoding: 'pcm_f32le', sampleRateHz: 8000, channels: 1 });
    const opened = await open();
    const bytes = Buffer.from(new Float32Array([0.5, Number.NaN, Number.POSITIVE_INFINITY, -2, 2]).buffer);
    await record(opened, live, [sound(bytes)]);
    const audio = await opened.recordings.audio([placed(live)]);
    const wav = await bytesOf(audio.read(44, audio.byteLength));
    expect([...new Int16Array(wav.buffer, wav.byteOffset, 5)]).toEqual([16_384, 0, 0, -32_768, 32_767]);
    await audio.close();
  });

  it('gives any range of its WAV file as the file has it there', async () => {
    const format: WireFormat = { encoding: 'mulaw', sampleRateHz: 8000, channels: 3 };
    const live = stream(format);
    const opened = await open();
    await record(opened, live, [sound(noise(150_000)), { kind: 'gap', durationMs: 777 }, sound(noise(50_001, 5))]);
    const audio = await opened.recordings.audio([placed(live)]);
    const whole = await bytesOf(audio.read(0, audio.byteLength));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: audio.byteLength }), fc.nat({ max: 200_000 }), async (start, length) => {
        const end = Math.min(audio.byteLength, start + length);
        expect((await bytesOf(audio.read(start, end))).equals(whole.subarray(start, end))).toBe(true);
      }),
      { numRuns: 60 },
    );
    await audio.close();
  });

  it('of several streams has their channels side by side, each from its own moment on', async () => {
    const opened = await open();
    const [a, b] = [stream(), stream({ encoding: 'alaw', sampleRateHz: 8000, channels: 2 })];
    const first = encodeSamples({ encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 1 }, [
      Float32Array.of(0.5, 0.5),
    ]);
    await record(opened, a, [sound(first)]);
    await record(opened, b, [sound(Buffer.alloc(8, 0xd5))]);
    const audio = await opened.recordings.audio([placed(a), placed(b, 0.25)]);
    const wav = await bytesOf(audio.read(44, audio.byteLength));
    // A-law 0xD5 is 8; the second stream begins two samples later.
    expect([...new Int16Array(wav.buffer, wav.byteOffset, wav.length / 2)]).toEqual([
      ...[16_384, 0, 0, 16_384, 0, 0],
      ...[0, 8, 8, 0, 8, 8, 0, 8, 8, 0, 8, 8],
    ]);
    expect(audio.legs).toEqual([
      { streamId: a.streamId, channel: 0 },
      { streamId: b.streamId, channel: 0 },
      { streamId: b.streamId, channel: 1 },
    ]);
    await audio.close();
    const one = await opened.recordings.audio([{ ...placed(b), channel: 1 }]);
    expect(one.legs).toEqual([{ streamId: b.streamId, channel: 1 }]);
    expect(one.byteLength).toBe(44 + 8);
    await one.close();
    await expect(opened.recordings.audio([{ ...placed(b), channel: 2 }])).rejects.toMatchObject({
      code: 'recording-missing',
    });
    await expect(opened.recordings.audio([])).rejects.toMatchObject({ code: 'recording-missing' });
    const fast = stream({ encoding: 'alaw', sampleRateHz: 16_000, channels: 2 });
    await record(opened, fast, [sound(Buffer.alloc(8))]);
    await expect(opened.recordings.audio([placed(a), placed(fast)])).rejects.toMatchObject({ code: 'recording-rates' });
  });

  it('has a tag that tells it from every other, and from itself before it grew', async () => {
    const opened = await open();
    const [a, b] = [stream(), stream()];
    await record(opened, a, [sound(noise(1_600))]);
    const { tap } = opened.recordings;
    tap.opened?.(b);
    tap.input?.(b, sound(noise(1_600)));
    const tags: string[] = [];
    const tag = async (live: typeof a): Promise<boolean> => {
      const audio = await opened.recordings.audio([placed(live)]);
      tags.push(audio.etag);
      await audio.close();
      return audio.complete;
    };
    expect(await tag(a)).toBe(true);
    expect(await tag(a)).toBe(true);
    await until(async () => (await itemsLength(opened.folder, b)) === 0);
    expect(await tag(b)).toBe(false);
    await opened.clock.advance(3_000);
    await until(async () => (await itemsLength(opened.folder, b)) === 1);
    expect(await tag(b)).toBe(false);
    expect(tags[1]).toBe(tags[0]);
    expect(new Set(tags).size).toBe(3);
    for (const text of tags) expect(text).toMatch(/^"[\w-]{22}"$/);
    tap.ended?.(b, undefined);
    await opened.recordings.close();
    expect(await tag(b)).toBe(true);
  });

  it('says nothing in clear of who spoke, and is readable by its owner alone', async () => {
    const { readFile, stat } = await import('node:fs/promises');
    const opened = await open();
    const live = stream(
      { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 1 },
      {
        streamId: '+1 555 0100',
        callId: 'call of Ada',
      },
    );
    await record(opened, live, [
      sound(Buffer.from('spoken words '.repeat(200))),
      { kind: 'mark', name: 'card number' },
    ]);
    const path = `${opened.folder}/${fileOf(live)}`;
    const raw = (await readFile(path)).toString('latin1');
    for (const secret of ['spoken', '555', 'Ada', 'card', 'side', 'pcm_']) expect(raw).not.toContain(secret);
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
    expect(opened.kept).toEqual([
      { kind: 'recorded', runId: live.runId, file: fileOf(live), bytes: 0 },
      { kind: 'recorded', runId: live.runId, file: fileOf(live), bytes: raw.length },
    ]);
  });
});

const finiteOnly = (bytes: Uint8Array): Uint8Array => {
  const data = new DataView(Uint8Array.from(bytes).buffer);
  for (let at = 0; at + 4 <= data.byteLength; at += 4) {
    if (!Number.isFinite(data.getFloat32(at, true))) data.setFloat32(at, 0, true);
  }
  return new Uint8Array(data.buffer);
};

async function itemsLength(folder: string, live: ReturnType<typeof stream>): Promise<number> {
  try {
    const opened = await reader(folder, live);
    const items = await collect(opened.items());
    await opened.close();
    return items.length;
  } catch {
    return -1;
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
