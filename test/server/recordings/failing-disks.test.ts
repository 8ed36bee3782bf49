import { randomUUID } from 'node:crypto';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, type DiskFile, disk } from '../../../src/server/recordings/disk.ts';
import { openRecordings } from '../../../src/server/recordings/index.ts';
import { audio, Peer, SHORT, start, windowLines } from '../harness.ts';
import {
  collect,
  type Folder,
  fileOf,
  itemsOf,
  KEY,
  noise,
  open,
  placed,
  reader,
  record,
  sound,
  stream,
  temporaryFolder,
} from './folder.ts';

const failure = (code: string): Error => Object.assign(new Error(`injected: ${code}`), { code });

/** The disk of this machine, but for how files are written. */
const writing = (write: (file: DiskFile, bytes: Uint8Array, position: number) => Promise<number>): Disk => ({
  ...disk,
  create: async (path) => {
    const file = await disk.create(path);
    return { ...file, write: (bytes, position) => write(file, bytes, position) };
  },
});

/** A disk that holds so many bytes. */
function small(bytes: number): Disk {
  let left = bytes;
  return writing(async (file, data, position) => {
    if (left === 0) throw failure('ENOSPC');
    const part = data.subarray(0, Math.min(left, data.length));
    left -= part.length;
    return file.write(part, position);
  });
}

describe('a disk that is full', () => {
  it('ends the recording of the stream, is told of, and leaves what was written readable', async () => {
    const opened = await open({ disk: small(100_000) });
    const live = stream();
    const logged: string[] = [];
    await record(opened, live, [sound(noise(60_000, 1)), sound(noise(60_000, 2)), sound(noise(60_000, 3))]);
    expect(opened.recordings.status()).toMatchObject({
      active: 0,
      writtenBytes: 100_000,
      waitingBytes: 0,
      failed: 1,
      lastFailure: 'ENOSPC',
    });
    const [first, ...rest] = await itemsOf(opened.folder, live);
    expect(rest).toEqual([]);
    expect(first).toEqual({
      kind: 'audio',
      bytes: Buffer.concat([noise(60_000, 1), noise(60_000, 2)]).subarray(0, 65_536),
    });
    expect(opened.kept.at(-1)).toEqual({ kind: 'recorded', runId: live.runId, file: fileOf(live), bytes: 100_000 });
    const wav = await opened.recordings.audio([placed(live)]);
    expect(wav.complete).toBe(false);
    await wav.close();
    expect(logged).toEqual([]);
  });

  it('takes nothing from the live service: the same events, and every other stream', async () => {
    const folder = await temporaryFolder();
    const lines: object[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (fields: object) => lines.push(fields) };
    const recordings = await openRecordings({ folder, keys: [KEY], disk: small(1_000), logger });
    const plain = await start();
    const recorded = await start({ taps: [recordings.tap] });
    const events: string[][] = [];
    for (const server of [plain, recorded]) {
      const peer = await Peer.started(server, { streamId: 'caller-555', analysis: SHORT });
      const bytes = audio(4);
      for (let at = 0; at < bytes.length; at += 3_200) peer.send(bytes.subarray(at, at + 3_200));
      peer.json({ type: 'stop' });
      expect(await peer.closed()).toBe(1000);
      events.push(windowLines(peer.events));
    }
    expect(events[0]?.length).toBeGreaterThan(10);
    expect(events[1]).toEqual(events[0]);
    await Promise.all([plain.close(), recorded.close()]);
    await recordings.close();
    expect(recordings.status()).toMatchObject({ failed: 1, lastFailure: 'ENOSPC' });
    expect(lines).toEqual([{ stream: expect.stringMatching(/^[0-9a-f]{12}$/), reason: 'ENOSPC' }]);
  });

  it('from the start is no different', async () => {
    const opened = await open({ disk: { ...disk, create: () => Promise.reject(failure('EMFILE')) } });
    const live = stream();
    await record(opened, live, [sound(noise(1_000))]);
    expect(opened.recordings.status()).toMatchObject({ failed: 1, lastFailure: 'EMFILE', waitingBytes: 0 });
    await expect(opened.recordings.audio([placed(live)])).rejects.toMatchObject({ code: 'recording-missing' });
  });
});

describe('a disk that writes a few bytes at a time', () => {
  it('loses none', async () => {
    const opened = await open({
      disk: writing((file, bytes, position) => file.write(bytes.subarray(0, 999), position)),
    });
    const live = stream();
    await record(opened, live, [sound(noise(50_000)), { kind: 'mark', name: 'x' }, sound(noise(3_001, 2))]);
    const items = await itemsOf(opened.folder, live);
    expect(items.map((item) => (item.kind === 'audio' ? item.bytes.length : item.kind))).toEqual([
      50_000,
      'mark',
      3_000,
      1,
    ]);
  });
});

describe('a disk that hangs', () => {
  it('holds nobody up: a bounded amount waits, then the recording of that stream is given up', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const opened = await open({
      disk: writing(async (file, bytes, position) => {
        await held;
        return file.write(bytes, position);
      }),
    });
    const [slow, other] = [stream(), stream()];
    const { tap } = opened.recordings;
    for (const live of [slow, other]) tap.opened?.(live);
    tap.input?.(other, sound(noise(100)));
    for (let block = 0; block < 200; block += 1) {
      tap.input?.(slow, sound(noise(65_536, block)));
      expect(opened.recordings.status().waitingBytes).toBeLessThan(8_500_000);
    }
    expect(opened.recordings.status()).toMatchObject({ active: 2, failed: 1, lastFailure: 'the disk is too slow' });
    expect(opened.recordings.status().waitingBytes).toBeLessThan(10_000);
    for (const live of [slow, other]) tap.ended?.(live, undefined);
    release();
    await opened.recordings.close();
    expect(await itemsOf(opened.folder, other)).toHaveLength(1);
    expect(opened.recordings.status()).toMatchObject({ active: 0, waitingBytes: 0 });
  });
});

describe('what waits in memory', () => {
  it('is sealed after two seconds, by what comes or by the clock', async () => {
    const opened = await open();
    const live = stream();
    const { tap } = opened.recordings;
    tap.opened?.(live);
    tap.input?.(live, sound(noise(320)));
    const length = async (): Promise<number> => {
      try {
        const file = await reader(opened.folder, live);
        const items = await collect(file.items());
        await file.close();
        return items.length;
      } catch {
        return -1;
      }
    };
    const until = async (count: number): Promise<void> => {
      while ((await length()) !== count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(0);
    await opened.clock.advance(2_000);
    await until(1);
    tap.input?.(live, sound(noise(320)));
    await opened.clock.advance(1_999);
    tap.input?.(live, sound(noise(1)));
    expect(opened.recordings.status().waitingBytes).toBe(0);
    await opened.clock.advance(2_001);
    await until(2);
    tap.ended?.(live, undefined);
    await opened.recordings.close();
    expect(await length()).toBe(3);
  });
});

describe('erasure', () => {
  it('removes the files, and stops what is being written', async () => {
    const opened = await open();
    const [done, live, kept] = [stream(), stream(), stream()];
    await record(opened, done, [sound(noise(100))]);
    await record(opened, kept, [sound(noise(100))]);
    const { tap } = opened.recordings;
    tap.opened?.(live);
    tap.input?.(live, sound(noise(70_000)));
    await opened.recordings.erase([fileOf(done)], [live.callId]);
    expect(await readdir(opened.folder)).toEqual([fileOf(kept)]);
    tap.input?.(live, sound(noise(70_000)));
    tap.ended?.(live, undefined);
    await opened.recordings.close();
    expect(await readdir(opened.folder)).toEqual([fileOf(kept)]);
    expect(opened.recordings.status()).toMatchObject({ active: 0, waitingBytes: 0, failed: 0 });
    // Once erased, the store is told of it no more.
    expect(opened.kept.filter((item) => item.kind === 'recorded' && item.runId === live.runId)).toHaveLength(1);
    await expect(opened.recordings.audio([placed(done)])).rejects.toMatchObject({ code: 'recording-missing' });
    await opened.recordings.erase([fileOf(done), fileOf(live)]);
  });

  it('reads nothing of an erased file out of memory', async () => {
    const opened = await open();
    const live = stream();
    await record(opened, live, [sound(noise(1_000))]);
    await opened.recordings.waveform([placed(live)], 10);
    await opened.recordings.erase([fileOf(live)]);
    await expect(opened.recordings.waveform([placed(live)], 10)).rejects.toMatchObject({ code: 'recording-missing' });
  });

  it('touches nothing outside of its folder, whatever it is told', async () => {
    const opened = await open();
    const outside = await temporaryFolder();
    await writeFile(join(outside, 'precious.utr'), 'x');
    await writeFile(join(opened.folder, 'notes.txt'), 'x');
    for (const name of [`../${outside}/precious.utr`, join(outside, 'precious.utr'), 'notes.txt', '', '.', '..']) {
      await opened.recordings.erase([name]);
      await expect(opened.recordings.audio([{ streamId: 's', file: name, offsetMs: 0 }])).rejects.toMatchObject({
        code: 'recording-missing',
      });
    }
    expect([await readdir(outside), await readdir(opened.folder)]).toEqual([['precious.utr'], ['notes.txt']]);
  });

  it('that fails is told, and tried again with the next', async () => {
    let broken = true;
    const opened = await open({
      disk: { ...disk, remove: (path) => (broken ? Promise.reject(failure('EIO')) : disk.remove(path)) },
    });
    const live = stream();
    await record(opened, live, [sound(noise(100))]);
    await expect(opened.recordings.erase([fileOf(live)])).rejects.toMatchObject({ code: 'file-unwritable' });
    expect(opened.recordings.status().notRemoved).toEqual([fileOf(live)]);
    broken = false;
    await opened.recordings.erase([]);
    expect(opened.recordings.status().notRemoved).toEqual([]);
    expect(await readdir(opened.folder)).toEqual([]);
  });

  it('by age takes every recording that was last written before, those that nobody knows, too, and nothing else', async () => {
    const opened = await open();
    const [old, young, live] = [stream(), stream(), stream()];
    await record(opened, old, [sound(noise(100))]);
    await record(opened, young, [sound(noise(100))]);
    opened.recordings.tap.opened?.(live);
    const orphan = `${randomUUID()}.utr`;
    await writeFile(join(opened.folder, orphan), 'left by a process that died');
    await writeFile(join(opened.folder, 'README'), 'not ours');
    const cut = new Date('2026-01-02T00:00:00Z');
    const at = (name: string, iso: string): Promise<void> =>
      utimes(join(opened.folder, name), new Date(iso), new Date(iso));
    await at(fileOf(old), '2026-01-01T23:59:59Z');
    await at(orphan, '2025-01-01T00:00:00Z');
    await at('README', '2025-01-01T00:00:00Z');
    await at(fileOf(young), '2026-01-02T00:00:00Z');
    expect([...(await opened.recordings.eraseBefore(cut.getTime()))].sort()).toEqual([fileOf(old), orphan].sort());
    expect((await readdir(opened.folder)).sort()).toEqual(['README', fileOf(young), fileOf(live)].sort());
    opened.recordings.tap.ended?.(live, undefined);
    await opened.recordings.close();
  });

  it('by age spares what is being written, however old', async () => {
    const opened = await open();
    const live = stream();
    opened.recordings.tap.opened?.(live);
    opened.recordings.tap.input?.(live, sound(noise(70_000)));
    expect(await opened.recordings.eraseBefore(Number.MAX_SAFE_INTEGER)).toEqual([]);
    opened.recordings.tap.ended?.(live, undefined);
    await opened.recordings.close();
    expect(await itemsOf(opened.folder, live)).toHaveLength(2);
  });
});

describe('a folder that cannot be written', () => {
  it('is an error of the table before anything is recorded', async () => {
    const refuse: Folder | unknown = await open({
      disk: { ...disk, folder: () => Promise.reject(failure('EROFS')) },
    }).catch((error: unknown) => error);
    expect(refuse).toMatchObject({ code: 'file-unwritable', message: expect.stringContaining('EROFS') });
  });
});
