import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Recording } from '../../src/audio/index.ts';
import { UndertoneError } from '../../src/errors.ts';

/** The code of the table's error that the call throws. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (thrown) {
    if (thrown instanceof UndertoneError) return thrown.code;
    throw thrown;
  }
  throw new Error('It threw nothing.');
}

/** The error of the table that the promise ends with. */
export async function errorOf(promise: Promise<unknown>): Promise<UndertoneError> {
  try {
    await promise;
  } catch (thrown) {
    if (thrown instanceof UndertoneError) return thrown;
    throw thrown;
  }
  throw new Error('It threw nothing.');
}

/** A folder for the files of one test file, removed after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-audio-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs sox or ffmpeg, which these tests need, and gives what it wrote to its output. */
export function tool(name: 'sox' | 'ffmpeg', args: readonly string[], input?: Uint8Array): Buffer {
  const quiet = name === 'ffmpeg' ? ['-nostdin', '-y', '-loglevel', 'error'] : ['-V1', '-R', '-D'];
  const options = name === 'ffmpeg' && input ? quiet.slice(1) : quiet;
  const result = spawnSync(name, [...options, ...args], { maxBuffer: 2 ** 28, ...(input ? { input } : {}) });
  if (result.error) throw new Error(`This test needs ${name}: install it (Debian: apt install sox ffmpeg).`);
  if (result.status !== 0) throw new Error(`${name} ${args.join(' ')}: ${result.stderr.toString()}`);
  return result.stdout;
}

/** What ffmpeg decodes a file to: interleaved floats. */
export function decodedByFfmpeg(path: string): Float32Array {
  return floatsOf(tool('ffmpeg', ['-i', path, '-f', 'f32le', '-']));
}

export function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

export function int16Of(bytes: Uint8Array): Int16Array {
  return new Int16Array(Uint8Array.from(bytes).buffer);
}

export async function bytesOf(recording: Recording, chunkBytes?: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of recording.chunks(chunkBytes)) parts.push(chunk);
  return Buffer.concat(parts);
}

/** A file of literal bytes; strings are their ASCII letters. */
export function fileOf(path: string, ...parts: readonly (string | Uint8Array | readonly number[])[]): string {
  const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Uint8Array.from(part)));
  writeFileSync(path, Buffer.concat(bytes));
  return path;
}

export const u16 = (value: number): readonly number[] => [value & 0xff, (value >> 8) & 0xff];
export const u32 = (value: number): readonly number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
