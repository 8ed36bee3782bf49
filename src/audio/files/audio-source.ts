import type { UndertoneError } from '../../errors.ts';
import type { AudioFormat } from '../format.ts';

/** The audio of one file in a wire encoding, at the file's own rate, which may lie outside of what the wire takes. */
export interface AudioSource {
  readonly format: AudioFormat;
  /** Undefined when nothing in the file tells it. */
  readonly durationMs: number | undefined;
  /** What was wrong though the audio could be read; complete once `blocks` has ended. */
  readonly warning: UndertoneError | undefined;
  /** From the beginning, each time it is called; a block belongs to the caller, and may end inside a sample. */
  blocks(): AsyncIterable<Uint8Array>;
  /** Ends what `blocks` needs beside the file itself. */
  close(): Promise<void>;
}
