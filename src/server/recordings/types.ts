import type { KeptAnalysis } from '../../protocol/index.ts';
import type { Store, StoreItem } from '../../store/index.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Tap } from '../taps.ts';
import type { Disk } from './disk.ts';
import type { RecordingStore } from './reconcile.ts';
import type { RecordingIndex } from './recording-index.ts';

export interface RecordingsOptions {
  /** Made where it is not there, for its owner alone. */
  readonly folder: string;
  /** 32 bytes each; the first one writes, all of them read. See `recordingKeys`. */
  readonly keys: readonly Uint8Array[];
  /** Takes what the store is to know; a file is told of when it is begun, and again when it is done. */
  readonly keep?: (item: StoreItem) => void;
  /** The store that knows of the files: what it has forgotten of is removed at the start, in a folder that is its own. */
  readonly store?: RecordingStore;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Default: that of this machine. */
  readonly disk?: Disk;
}

export interface RecordingsStatus {
  /** Streams that are recorded now. */
  readonly active: number;
  /** Bytes on disk that were written since the start. */
  readonly writtenBytes: number;
  /** Bytes that wait to be written. */
  readonly waitingBytes: number;
  /** Streams whose recording was given up, and why the last one was. */
  readonly failed: number;
  readonly lastFailure: string | null;
  /** Files that could not be removed; they are tried again with the next erasure. */
  readonly notRemoved: readonly string[];
}

/** Keeps the audio of streams, encrypted, and gives it back. */
export interface Recordings {
  /** Records every stream from its opening to its end. Never waits for the disk. */
  readonly tap: Tap;
  status(): RecordingsStatus;
  /**
   * The audio of a call as one WAV file: the channels of all its streams, in the order given, each stream moved by its
   * offset. All of one rate, or one of them alone.
   * To be closed.
   * @throws UndertoneError `recording-missing`, `recording-key-unknown`, `recording-rates`, `file-damaged`, `file-unreadable`
   */
  audio(files: readonly PlacedRecording[]): Promise<RecordedAudio>;
  /** @param points buckets of the whole duration, 1 to 20,000. @throws as `audio` */
  waveform(files: readonly PlacedRecording[], points: number): Promise<Waveform>;
  /** What one file holds, for another thread to read it: where it is, and what its key opens. @throws as `audio` */
  index(file: string): Promise<{ readonly path: string; readonly index: RecordingIndex }>;
  /**
   * Removes the files, and stops what is recorded of these calls, or into these files.
   * @throws UndertoneError `file-unwritable` where a file is still there; it is tried again with the next erasure
   */
  erase(files: readonly string[], callIds?: readonly string[]): Promise<void>;
  /** Removes every file that was last written before; ms since 1970. Those that the store does not know, too. */
  eraseBefore(lastWrittenBeforeMs: number): Promise<readonly string[]>;
  /** Every recording is brought to its end on disk; to be called when all streams have ended. */
  close(): Promise<void>;
}

/** A file of a call, and where its first sample is in the call's time. */
export interface PlacedRecording {
  readonly streamId: string;
  readonly file: string;
  readonly offsetMs: number;
  /** Of its channels this one alone; left out: all of them. */
  readonly channel?: number;
}

/** A WAV file that is made as it is read: PCM, 16 bits, silence where audio is missing. */
export interface RecordedAudio {
  readonly sampleRateHz: number;
  readonly legs: readonly { readonly streamId: string; readonly channel: number }[];
  readonly durationMs: number;
  /** Of the WAV file. */
  readonly byteLength: number;
  /** False: a recording was cut off (its process died, its disk was full), or goes on. */
  readonly complete: boolean;
  /** Strong; of these bytes. With its quotes. */
  readonly etag: string;
  /** Bytes [start, end) of the WAV file, in pieces. @throws UndertoneError `file-damaged` */
  read(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined>;
  close(): Promise<void>;
}

export interface Waveform {
  readonly durationMs: number;
  /** Least and greatest sample of each bucket, −1 to 1. */
  readonly legs: readonly {
    readonly streamId: string;
    readonly channel: number;
    readonly peaks: readonly (readonly [number, number])[];
  }[];
}

export interface ReanalysisOptions {
  readonly recordings: Recordings;
  readonly store: Pick<Store, 'addAnalysis' | 'finishAnalysis' | 'timeline' | 'recordings'>;
  readonly logger?: Logger;
}

/**
 * Analyses recordings again, one at a time, in a thread of their own that leaves half of its core to others. Each stream is analysed
 * with its own settings, marks and alert rules: with the same model its events are those of the live call but for `latencyMs`.
 */
export interface Reanalysis {
  /**
   * Resolves once the model is loaded and the analysis runs.
   * @throws UndertoneError `recording-missing`, `analysis-busy`, what `Recordings.index` throws, and what `loadModel` throws
   */
  analyseAgain(callId: string, modelFolder: string): Promise<KeptAnalysis>;
  /** Gives up the analysis of one of these calls, which were erased. */
  forget(callIds: readonly string[]): void;
  /** What runs ends as failed. */
  close(): Promise<void>;
}
