import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { WireFormat } from '../../../src/protocol/index.ts';
import type { LiveStream } from '../../../src/server/live-stream.ts';
import { disk } from '../../../src/server/recordings/disk.ts';
import { openRecordings, type Recordings, type RecordingsOptions } from '../../../src/server/recordings/index.ts';
import { type RecordedItem, RecordingReader } from '../../../src/server/recordings/recording-reader.ts';
import type { StreamInput } from '../../../src/server/taps.ts';
import type { StoreItem } from '../../../src/store/index.ts';
import { FakeClock } from '../webhooks/fake-clock.ts';

export const KEY = Buffer.alloc(32, 7);
export const OTHER_KEY = Buffer.alloc(32, 8);
export const MONO: WireFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 1 };

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'undertone-recordings-'));
  folders.push(folder);
  return folder;
}

/** As much of a live stream as a recorder looks at. */
export function stream(format: WireFormat = MONO, more: Partial<LiveStream> = {}): LiveStream {
  const runId = randomUUID();
  const channels = Array.from({ length: format.channels }, (_, index) => ({
    name: `side ${index}`,
    role: 'unknown' as const,
  }));
  return {
    runId,
    streamId: `stream of ${runId}`,
    callId: `call of ${runId}`,
    startedAtMs: 1_767_225_600_000,
    format,
    settings: { channels, analysis: { windowMs: 1000, stepMs: 200, descriptors: [] } },
    endReason: 'stop',
    ...more,
  } as unknown as LiveStream;
}

export const fileOf = ({ runId }: LiveStream): string => `${runId}.utr`;
export const placed = (live: LiveStream, offsetMs = 0) => ({ streamId: live.streamId, file: fileOf(live), offsetMs });
export const sound = (bytes: Uint8Array): StreamInput => ({ kind: 'audio', bytes });

export interface Folder {
  readonly folder: string;
  readonly recordings: Recordings;
  readonly clock: FakeClock;
  readonly kept: StoreItem[];
}

export async function open(more: Partial<RecordingsOptions> = {}): Promise<Folder> {
  const folder = more.folder ?? (await temporaryFolder());
  const clock = new FakeClock();
  const kept: StoreItem[] = [];
  const recordings = await openRecordings({
    folder,
    keys: [KEY],
    clock,
    keep: (item) => kept.push(item),
    ...more,
  });
  return { folder, recordings, clock, kept };
}

/** Records these inputs as a stream of its own, to its end. */
export async function record({ recordings }: Folder, live: LiveStream, inputs: readonly StreamInput[]): Promise<void> {
  const { tap } = recordings;
  tap.opened?.(live);
  for (const input of inputs) tap.input?.(live, input);
  tap.ended?.(live, undefined);
  await recordings.close();
}

export const reader = (folder: string, live: LiveStream, keys: readonly Uint8Array[] = [KEY]) =>
  RecordingReader.open(disk, join(folder, fileOf(live)), fileOf(live), keys);

export async function itemsOf(folder: string, live: LiveStream): Promise<readonly RecordedItem[]> {
  const opened = await reader(folder, live);
  try {
    return await collect(opened.items());
  } finally {
    await opened.close();
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export const bytesOf = async (blocks: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await collect(blocks));

/** Bytes that look random and are the same every time. */
export function noise(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}
