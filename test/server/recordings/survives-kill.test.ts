import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { disk } from '../../../src/server/recordings/disk.ts';
import { RecordingReader } from '../../../src/server/recordings/recording-reader.ts';
import { collect, KEY, noise, open, temporaryFolder } from './folder.ts';

// The child runs the built package, which `npm test` builds first.
const BUILT = new URL('../../../dist/server/recordings/index.js', import.meta.url).href;

/** Records as fast as the disk takes it, 320 bytes at a time, and tells how much is on its way. */
const CHILD = `
const [folder] = process.argv.slice(1);
const { openRecordings } = await import(${JSON.stringify(BUILT)});
const recordings = await openRecordings({ folder, keys: [Buffer.alloc(32, 7)] });
let state = 1;
const noise = (length) => Uint8Array.from({ length }, () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state >>> 24;
});
const stream = {
  runId: '00000000-0000-4000-8000-000000000000',
  streamId: 's', callId: 'c', startedAtMs: 0, endReason: 'stop',
  format: { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 1 },
  settings: { channels: [{ name: 'a', role: 'unknown' }], analysis: { windowMs: 1000, stepMs: 200, descriptors: [] } },
};
recordings.tap.opened(stream);
for (let sent = 0; ; sent += 320) {
  recordings.tap.input(stream, { kind: 'audio', bytes: noise(320) });
  if (sent % 32000 === 0) {
    process.stdout.write('x');
    await new Promise((resolve) => setImmediate(resolve));
  }
}`;

describe('a process that is killed while it records', () => {
  it.each([1, 20, 60])('leaves what it had sealed, to the byte (killed after %i beats)', async (beats) => {
    const folder = await temporaryFolder();
    const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let heard = 0;
    // It is read on to the end: a closed pipe would end the child before it is killed.
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (data: Buffer) => {
        heard += data.length;
        if (heard >= beats) resolve();
      });
    });
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    const [name = ''] = await readdir(folder);
    const reader = await RecordingReader.open(disk, join(folder, name), name, [KEY]).catch((error: unknown) => error);
    // Killed before anything was on the disk: then it holds nothing, and says so.
    if (!(reader instanceof RecordingReader)) {
      expect(reader).toMatchObject({ code: 'file-damaged' });
      expect(beats).toBe(1);
      return;
    }
    expect(reader.index.end).toBeUndefined();
    const items = await collect(reader.items());
    await reader.close();
    const bytes = Buffer.concat(items.map((item) => (item.kind === 'audio' ? item.bytes : Buffer.alloc(0))));
    expect(bytes.equals(noise(bytes.length, 1))).toBe(true);
    if (beats > 1) expect(bytes.length).toBeGreaterThan(65_000);
    // The next process takes the folder over, reads it and removes it.
    const opened = await open({ folder });
    const audio = await opened.recordings.audio([{ streamId: 's', file: name, offsetMs: 0 }]);
    expect(audio).toMatchObject({ complete: false, byteLength: 44 + bytes.length });
    await audio.close();
    await opened.recordings.erase([name]);
    expect(await readdir(folder)).toEqual([]);
  });
});
