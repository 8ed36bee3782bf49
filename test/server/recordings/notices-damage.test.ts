import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveStream } from '../../../src/server/live-stream.ts';
import { CHUNK_HEAD_BYTES, HEAD_BYTES, TAG_BYTES } from '../../../src/server/recordings/file-format.ts';
import { recordingKeys } from '../../../src/server/recordings/index.ts';
import {
  bytesOf,
  collect,
  type Folder,
  fileOf,
  itemsOf,
  KEY,
  noise,
  OTHER_KEY,
  open,
  placed,
  reader,
  record,
  sound,
  stream,
} from './folder.ts';

const INPUTS = [
  sound(noise(200, 1)),
  { kind: 'mark', name: 'one' },
  sound(noise(200, 2)),
  { kind: 'gap', durationMs: 10 },
  sound(noise(200, 3)),
] as const;

interface Kept {
  readonly opened: Folder;
  readonly live: LiveStream;
  readonly path: string;
  readonly bytes: Buffer;
  /** Where its chunks begin, and where the last one ends. */
  readonly chunks: readonly number[];
}

async function kept(): Promise<Kept> {
  const opened = await open();
  const live = stream();
  await record(opened, live, INPUTS);
  const path = join(opened.folder, fileOf(live));
  const bytes = await readFile(path);
  const chunks: number[] = [];
  for (let at = HEAD_BYTES; at < bytes.length; ) {
    chunks.push(at);
    at += CHUNK_HEAD_BYTES + bytes.readUInt32LE(at + 1) + TAG_BYTES;
  }
  return { opened, live, path, bytes, chunks: [...chunks, bytes.length] };
}

/** How a file reads: whole, cut off after so many items, or with which error. */
async function outcome({ opened, live }: Kept): Promise<string> {
  try {
    const opening = await reader(opened.folder, live);
    try {
      const items = await collect(opening.items());
      return opening.index.end === undefined ? `cut after ${items.length}` : 'whole';
    } finally {
      await opening.close();
    }
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

describe('a recording that is not what was written', () => {
  it('is noticed, whichever of its bits is another', async () => {
    const file = await kept();
    expect(await outcome(file)).toBe('whole');
    for (let at = 0; at < file.bytes.length; at += 1) {
      const changed = Buffer.from(file.bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      await writeFile(file.path, changed);
      const how = await outcome(file);
      expect([at, how]).not.toEqual([at, 'whole']);
      // A length that reaches beyond the file looks as one that was cut off; everything else is damage, or of another key.
      if (how.startsWith('cut'))
        expect(file.chunks.some((start) => at > start && at < start + CHUNK_HEAD_BYTES)).toBe(true);
      else expect(['file-damaged', 'recording-key-unknown']).toContain(how);
    }
  });

  it('is noticed where a chunk is missing, doubled or in the place of another', async () => {
    const file = await kept();
    const parts = file.chunks.slice(0, -1).map((at, index) => file.bytes.subarray(at, file.chunks[index + 1]));
    const head = file.bytes.subarray(0, HEAD_BYTES);
    const write = (all: readonly Buffer[]): Promise<void> => writeFile(file.path, Buffer.concat([head, ...all]));
    // A description, three of audio, two notes, an end.
    expect(parts).toHaveLength(7);
    for (let one = 0; one < parts.length; one += 1) {
      await write(parts.filter((_, index) => index !== one));
      expect(await outcome(file)).toBe(one === parts.length - 1 ? 'cut after 5' : 'file-damaged');
      await write(parts.flatMap((part, index) => (index === one ? [part, part] : [part])));
      expect(await outcome(file)).toBe('file-damaged');
      for (let other = one + 1; other < parts.length; other += 1) {
        await write(parts.map((part, index) => parts[index === one ? other : index === other ? one : index] ?? part));
        expect(await outcome(file)).toBe('file-damaged');
      }
    }
  });

  it('is noticed where a chunk is that of another file at the same place, or the head is', async () => {
    const file = await kept();
    const other = stream();
    await record(file.opened, other, INPUTS);
    const theirs = await readFile(join(file.opened.folder, fileOf(other)));
    file.chunks.slice(0, -1).forEach((at, index) => {
      expect(theirs.readUInt32LE(at + 1)).toBe(file.bytes.readUInt32LE(at + 1));
      expect(index).toBeGreaterThanOrEqual(0);
    });
    for (const [index, at] of file.chunks.slice(0, -1).entries()) {
      const mixed = Buffer.from(file.bytes);
      theirs.copy(mixed, at, at, file.chunks[index + 1]);
      await writeFile(file.path, mixed);
      expect(await outcome(file)).toBe('file-damaged');
    }
    await writeFile(file.path, Buffer.concat([theirs.subarray(0, HEAD_BYTES), file.bytes.subarray(HEAD_BYTES)]));
    expect(await outcome(file)).toBe('file-damaged');
  });

  it('is noticed where something stands behind its end', async () => {
    const file = await kept();
    for (const more of [Buffer.of(0), Buffer.alloc(100), file.bytes.subarray(HEAD_BYTES)]) {
      await writeFile(file.path, Buffer.concat([file.bytes, more]));
      expect(await outcome(file)).toBe('file-damaged');
    }
  });

  it('gives what comes before the damage, and an error instead of what is damaged', async () => {
    const file = await kept();
    const changed = Buffer.from(file.bytes);
    // The third chunk of audio.
    const at = (file.chunks[5] ?? 0) + CHUNK_HEAD_BYTES;
    changed[at] = (changed[at] ?? 0) ^ 1;
    await writeFile(file.path, changed);
    const audio = await (await open({ folder: file.opened.folder })).recordings.audio([placed(file.live)]);
    expect((await bytesOf(audio.read(44, 44 + 400 + 160))).subarray(0, 200)).toEqual(Buffer.from(noise(200, 1)));
    await expect(bytesOf(audio.read(0, audio.byteLength))).rejects.toMatchObject({ code: 'file-damaged' });
    await audio.close();
  });
});

describe('a recording that was cut off', () => {
  it('reads as far as it goes, wherever that is, and says that it is cut', async () => {
    const file = await kept();
    const whole = await itemsOf(file.opened.folder, file.live);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: file.bytes.length - 1 }), async (length) => {
        await writeFile(file.path, file.bytes.subarray(0, length));
        const complete = file.chunks.slice(1).filter((end) => end <= length).length;
        if (complete === 0) {
          expect(await outcome(file)).toBe('file-damaged');
          return;
        }
        expect(await outcome(file)).toBe(`cut after ${complete - 1}`);
        expect(await itemsOf(file.opened.folder, file.live)).toEqual(whole.slice(0, complete - 1));
      }),
      { numRuns: 200 },
    );
  });

  it('by its machine, which left zeros where nothing was written, reads to there', async () => {
    const file = await kept();
    const end = file.chunks[3] ?? 0;
    for (const zeros of [1, 21, 400]) {
      await writeFile(file.path, Buffer.concat([file.bytes.subarray(0, end), Buffer.alloc(zeros)]));
      expect(await outcome(file)).toBe('cut after 2');
    }
  });

  it('is no less playable for that', async () => {
    const file = await kept();
    await writeFile(file.path, file.bytes.subarray(0, file.bytes.length - 30));
    const audio = await (await open({ folder: file.opened.folder })).recordings.audio([placed(file.live)]);
    expect(audio).toMatchObject({ complete: false, byteLength: 44 + 600 + 160 });
    await audio.close();
  });
});

describe('a key', () => {
  it('that is another reads nothing, and the error names the one that is wanted', async () => {
    const file = await kept();
    const wrong = await open({ folder: file.opened.folder, keys: [OTHER_KEY] });
    const error = await wrong.recordings.audio([placed(file.live)]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'recording-key-unknown' });
    expect(String(error)).toContain(file.bytes.subarray(8, 16).toString('hex'));
    expect(String(error)).not.toContain(KEY.toString('hex'));
  });

  it('that was changed still reads what it has written, and writes nothing more', async () => {
    const file = await kept();
    const both = await open({ folder: file.opened.folder, keys: [OTHER_KEY, KEY] });
    const old = await both.recordings.audio([placed(file.live)]);
    expect(old.complete).toBe(true);
    await old.close();
    const live = stream();
    await record(both, live, INPUTS);
    const onlyNew = await open({ folder: file.opened.folder, keys: [OTHER_KEY] });
    await (await onlyNew.recordings.audio([placed(live)])).close();
    const onlyOld = await open({ folder: file.opened.folder });
    await expect(onlyOld.recordings.audio([placed(live)])).rejects.toMatchObject({ code: 'recording-key-unknown' });
  });

  it('is 32 bytes of base64 in the environment, the present one first', () => {
    const [a, b] = [KEY.toString('base64'), OTHER_KEY.toString('base64')];
    expect(recordingKeys(a)).toEqual([KEY]);
    expect(recordingKeys(` ${b} , ${a}\n`)).toEqual([OTHER_KEY, KEY]);
  });

  it.each([
    [undefined, 'it is not set'],
    ['', 'it is not set'],
    ['  ', 'it is not set'],
    [Buffer.alloc(31).toString('base64'), 'it has 31 bytes'],
    [Buffer.alloc(33).toString('base64'), 'it has 33 bytes'],
    [Buffer.alloc(32).toString('hex'), 'it has 48 bytes'],
    [KEY.toString('base64').slice(0, -1), 'it is not base64'],
    ['correct horse battery staple!', 'it is not base64'],
    [`${KEY.toString('base64')},`, 'key 2 of 2 has 0 bytes'],
  ])('that is %j is refused with what is wrong, how to make one, and not what it was', (text, detail) => {
    let message = '';
    try {
      recordingKeys(text);
    } catch (error) {
      expect(error).toMatchObject({ code: 'record-key' });
      message = String(error);
    }
    expect(message).toContain(`UNDERTONE_RECORD_KEY: ${detail}. Make one with "openssl rand -base64 32".`);
    if (text !== undefined && text.trim() !== '') expect(message).not.toContain(text.slice(0, 20));
  });
});
