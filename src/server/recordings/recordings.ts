import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { UndertoneError } from '../../errors.ts';
import { systemClock } from '../clock.ts';
import type { LiveStream } from '../live-stream.ts';
import { logId, silentLogger } from '../log.ts';
import type { StreamInput, Tap } from '../taps.ts';
import { CallAudio, type PlacedReader } from './call-audio.ts';
import { diskWord, disk as machine } from './disk.ts';
import { MAGIC, SALT_BYTES } from './file-format.ts';
import type { RecordingInfo } from './info.ts';
import { fileKey, fingerprintOf } from './keys.ts';
import { LatestUsed } from './latest-used.ts';
import { reconcile } from './reconcile.ts';
import { RecordingFile } from './recording-file.ts';
import type { RecordingIndex } from './recording-index.ts';
import { RecordingReader } from './recording-reader.ts';
import { FLUSH_MS, StreamRecorder } from './stream-recorder.ts';
import type {
  PlacedRecording,
  RecordedAudio,
  Recordings,
  RecordingsOptions,
  RecordingsStatus,
  Waveform,
} from './types.ts';
import { waveformOf } from './waveform.ts';

const SUFFIX = '.utr';
/** A run's id, which is a UUID of ours. */
const FILE_NAME = /^[0-9a-f-]{36}\.utr$/;
/** Of all streams that waits to be written. */
const MAX_WAITING_BYTES = 268_435_456;
const MAX_POINTS = 20_000;
const KEPT_INDEXES = 64;
const KEPT_WAVEFORMS = 32;

/**
 * Opens a folder of recordings.
 *
 * @throws UndertoneError `file-unwritable` where the folder cannot be made or written
 * @example
 * const keys = recordingKeys(process.env['UNDERTONE_RECORD_KEY']);
 * const recordings = await openRecordings({ folder: 'recordings', keys });
 * const server = await startServer({ model, taps: [recordings.tap] });
 */
export async function openRecordings(options: RecordingsOptions): Promise<Recordings> {
  const { folder, disk = machine } = options;
  try {
    await disk.folder(folder);
    const names = await disk.list(folder);
    return new Folder(
      options,
      names.filter((name) => FILE_NAME.test(name)),
    );
  } catch (error) {
    if (error instanceof UndertoneError) throw error;
    throw new UndertoneError('file-unwritable', { path: folder, detail: diskWord(error) });
  }
}

/** A stream that is recorded now. */
interface Active {
  readonly recorder: StreamRecorder;
  readonly file: RecordingFile;
  readonly name: string;
}

class Folder implements Recordings {
  readonly tap: Tap;
  readonly #options: Required<Pick<RecordingsOptions, 'clock' | 'disk' | 'logger'>> & RecordingsOptions;
  readonly #master: Uint8Array;
  readonly #fingerprint: Buffer;
  /** By the run of the stream. */
  readonly #active = new Map<string, Active>();
  /** Files that are being brought to their end. */
  readonly #ending = new Set<Promise<void>>();
  readonly #indexes = new LatestUsed<RecordingIndex>(KEPT_INDEXES);
  readonly #waveforms = new LatestUsed<Promise<Waveform>>(KEPT_WAVEFORMS);
  readonly #notRemoved = new Set<string>();
  readonly #counts = { writtenBytes: 0, waitingBytes: 0, failed: 0 };
  #lastFailure: string | null = null;
  #stopTicking: (() => void) | undefined;
  readonly #reconciled: Promise<void> = Promise.resolve();

  /** @param names of recordings that are there already */
  constructor(given: RecordingsOptions, names: readonly string[]) {
    const { clock = systemClock, disk = machine, logger = silentLogger } = given;
    this.#options = { ...given, clock, disk, logger };
    const [master] = given.keys;
    if (master === undefined) throw new UndertoneError('record-key', { detail: 'it is not set' });
    this.#master = master;
    this.#fingerprint = fingerprintOf(master);
    this.tap = {
      opened: (stream) => this.#opened(stream),
      input: ({ runId }, input) => this.#input(runId, input),
      ended: ({ runId, endReason }) => this.#active.get(runId)?.recorder.end(endReason ?? 'error'),
    };
    const { store, keep = () => {}, folder, keys } = given;
    if (store === undefined) return;
    // Nobody waits for it; what is recorded from now on is not among the names.
    const remove = async (name: string): Promise<void> => {
      const failure = await this.#remove(name);
      if (failure !== undefined) throw failure;
    };
    this.#reconciled = reconcile({ disk, folder, keys, names, store, keep, remove, logger }).catch((err: unknown) => {
      logger.error({ err }, 'recordings and store could not be compared');
    });
  }

  status(): RecordingsStatus {
    return {
      active: this.#active.size,
      ...this.#counts,
      lastFailure: this.#lastFailure,
      notRemoved: [...this.#notRemoved],
    };
  }

  async audio(files: readonly PlacedRecording[]): Promise<RecordedAudio> {
    const placed = await this.#readers(files);
    try {
      return new CallAudio(placed);
    } catch (error) {
      await closeAll(placed);
      throw error;
    }
  }

  async waveform(files: readonly PlacedRecording[], points: number): Promise<Waveform> {
    if (!Number.isInteger(points) || points < 1 || points > MAX_POINTS) {
      throw new UndertoneError('invalid-query', { detail: `points must be a whole number from 1 to ${MAX_POINTS}` });
    }
    const placed = await this.#readers(files);
    const parts = placed.map(
      ({ reader, offsetMs, channel }) => `${reader.info.runId} ${reader.index.samples} ${offsetMs} ${channel}`,
    );
    const id = `${points} ${parts.join(' ')}`;
    const known = this.#waveforms.get(id);
    if (known !== undefined) {
      await closeAll(placed);
      return known;
    }
    const made = waveformOf(placed, points).finally(() => closeAll(placed));
    this.#waveforms.set(id, made);
    made.catch(() => this.#waveforms.delete((key) => key === id));
    return made;
  }

  async index(file: string): Promise<{ readonly path: string; readonly index: RecordingIndex }> {
    const reader = await this.#reader(file);
    await reader.close();
    return { path: this.#path(file), index: reader.index };
  }

  async erase(files: readonly string[], callIds: readonly string[] = []): Promise<void> {
    const names = new Set([...this.#notRemoved, ...files.filter((file) => FILE_NAME.test(file))]);
    for (const [runId, { recorder, file, name }] of [...this.#active]) {
      if (!names.has(name) && !callIds.includes(recorder.info.callId)) continue;
      this.#active.delete(runId);
      names.add(name);
      file.abandon();
      await file.done;
    }
    let failure: UndertoneError | undefined;
    for (const name of names) failure = (await this.#remove(name)) ?? failure;
    if (failure !== undefined) throw failure;
  }

  async eraseBefore(lastWrittenBeforeMs: number): Promise<readonly string[]> {
    const { disk, folder } = this.#options;
    const active = new Set([...this.#active.values()].map(({ name }) => name));
    const old: string[] = [];
    for (const name of await disk.list(folder)) {
      if (!FILE_NAME.test(name) || active.has(name)) continue;
      // Another may have removed it meanwhile.
      const writtenAtMs = await disk.writtenAtMs(this.#path(name)).catch(() => Number.POSITIVE_INFINITY);
      if (writtenAtMs < lastWrittenBeforeMs) old.push(name);
    }
    await this.erase(old);
    return old;
  }

  async close(): Promise<void> {
    this.#stopTicking?.();
    this.#stopTicking = undefined;
    for (const { recorder } of this.#active.values()) recorder.end('shutdown');
    await Promise.all([...this.#ending, this.#reconciled]);
  }

  #opened(stream: LiveStream): void {
    const { runId, streamId, callId, startedAtMs, format, settings } = stream;
    const { channels, analysis } = settings;
    const salt = randomBytes(SALT_BYTES);
    const head = Buffer.concat([MAGIC, this.#fingerprint, salt]);
    const info: RecordingInfo = { runId, streamId, callId, startedAtMs, format, channels, analysis };
    const name = `${runId}${SUFFIX}`;
    const file = this.#file(name, streamId);
    file.append(head);
    const recorder = new StreamRecorder(info, fileKey(this.#master, salt, head), file);
    if (settings.rules !== undefined) recorder.input({ kind: 'rules', rules: settings.rules }, 0);
    this.#active.set(runId, { recorder, file, name });
    // The store knows of it from the beginning: what a process that dies has left is erased with its call.
    this.#options.keep?.({ kind: 'recorded', runId, file: name, bytes: 0 });
    const ending = file.done.then(() => this.#done(runId, file, name));
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
    this.#tick();
  }

  #input(runId: string, input: StreamInput): void {
    const active = this.#active.get(runId);
    if (active !== undefined && !active.file.failed) active.recorder.input(input, this.#options.clock.now());
  }

  #done(runId: string, file: RecordingFile, name: string): void {
    // What was erased meanwhile is nobody's any more.
    if (!this.#active.delete(runId)) return;
    this.#options.keep?.({ kind: 'recorded', runId, file: name, bytes: file.writtenBytes });
  }

  #file(name: string, streamId: string): RecordingFile {
    const { disk, logger } = this.#options;
    const counts = this.#counts;
    return new RecordingFile({
      disk,
      path: this.#path(name),
      mayWait: (bytes) => counts.waitingBytes + bytes <= MAX_WAITING_BYTES,
      onWaiting: (bytes) => {
        counts.waitingBytes += bytes;
      },
      onWritten: (bytes) => {
        counts.writtenBytes += bytes;
      },
      onFailed: (why) => {
        counts.failed += 1;
        this.#lastFailure = why;
        logger.error(
          { stream: logId(streamId), reason: why },
          'the recording of a stream was given up; it goes on live',
        );
      },
    });
  }

  /** Seals what has waited long enough, of streams on which nothing comes, too. */
  #tick(): void {
    if (this.#stopTicking !== undefined || this.#active.size === 0) return;
    this.#stopTicking = this.#options.clock.after(FLUSH_MS, () => {
      this.#stopTicking = undefined;
      const nowMs = this.#options.clock.now();
      for (const { recorder, file } of this.#active.values()) if (!file.failed) recorder.tick(nowMs);
      this.#tick();
    });
  }

  async #readers(files: readonly PlacedRecording[]): Promise<readonly PlacedReader[]> {
    const placed: PlacedReader[] = [];
    try {
      for (const { file, streamId: _, ...place } of files) placed.push({ reader: await this.#reader(file), ...place });
    } catch (error) {
      await closeAll(placed);
      throw error;
    }
    return placed;
  }

  async #reader(name: string): Promise<RecordingReader> {
    if (!FILE_NAME.test(name)) throw new UndertoneError('recording-missing');
    const { disk, keys } = this.#options;
    const reader = await RecordingReader.open(disk, this.#path(name), name, keys, this.#indexes.get(name));
    // What has ended does not change any more.
    if (reader.index.end !== undefined) this.#indexes.set(name, reader.index);
    return reader;
  }

  /** Returns why it is still there. */
  async #remove(name: string): Promise<UndertoneError | undefined> {
    const { disk, logger } = this.#options;
    this.#indexes.delete((key) => key === name);
    this.#waveforms.delete((key) => key.includes(name.slice(0, -SUFFIX.length)));
    try {
      await disk.remove(this.#path(name));
    } catch (error) {
      const detail = diskWord(error);
      if (detail !== 'ENOENT') {
        this.#notRemoved.add(name);
        logger.error({ file: name, reason: detail }, 'a recording that was erased could not be removed');
        return new UndertoneError('file-unwritable', { path: name, detail });
      }
    }
    this.#notRemoved.delete(name);
    return undefined;
  }

  #path(name: string): string {
    return join(this.#options.folder, name);
  }
}

async function closeAll(placed: readonly PlacedReader[]): Promise<void> {
  await Promise.all(placed.map(({ reader }) => reader.close()));
}
