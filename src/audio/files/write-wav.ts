import { open } from 'node:fs/promises';
import { UndertoneError } from '../../errors.ts';
import type { AudioFormat } from '../format.ts';
import { wavHeader } from './wav-header.ts';

/**
 * Writes audio of a wire encoding as a WAV file, its bytes untouched.
 *
 * @throws file-unwritable
 * @example
 * await writeWav('call.wav', { encoding: 'mulaw', sampleRateHz: 8000, channels: 2 }, bytes);
 */
export async function writeWav(path: string, format: AudioFormat, bytes: Uint8Array): Promise<void> {
  const header = wavHeader(format, bytes.length);
  const padding = new Uint8Array(bytes.length & 1);
  try {
    const file = await open(path, 'w');
    try {
      await file.writeFile(header);
      await file.writeFile(bytes);
      await file.writeFile(padding);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    const detail = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    const error = new UndertoneError('file-unwritable', { path, detail });
    error.cause = thrown;
    throw error;
  }
}
