/**
 * Proves that `analyze` and `replay --speed max` give the same windows: every recording given, in messages of 1 byte (its
 * first 5 s), 7, 160, 320, 4096 bytes and 1 MiB, through a real server.
 *
 *   npm run build && node scripts/compare-replay.mjs FILE…
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openRecording, writeWav } from '../dist/audio/index.js';

const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const run = promisify(execFile);
const undertone = async (...args) => (await run(process.execPath, [CLI, ...args], { maxBuffer: 2 ** 30 })).stdout;

/** The window lines without what may differ. */
function windows(jsonl) {
  const lines = jsonl.split('\n').filter((line) => line.includes('"type":"window"'));
  return lines.map((line) => {
    const { streamId, file, cursor, latencyMs, ...rest } = JSON.parse(line);
    return JSON.stringify(rest);
  });
}

/** The first 5 s as a WAV of the recording's own encoding. */
async function head(path, folder) {
  const recording = await openRecording(path);
  const frameBytes = { pcm_s16le: 2, pcm_s24le: 3, pcm_f32le: 4, mulaw: 1, alaw: 1 }[recording.format.encoding];
  const bytes = 5 * recording.format.sampleRateHz * recording.format.channels * frameBytes;
  for await (const chunk of recording.chunks(bytes)) {
    const out = join(folder, 'head.wav');
    await writeWav(out, recording.format, chunk);
    await recording.close();
    return out;
  }
  throw new Error(`${path} holds no audio`);
}

const folder = mkdtempSync(join(tmpdir(), 'undertone-compare-'));
const server = spawn(process.execPath, [CLI, 'serve', '--port', '0', '--log-level', 'silent', '--store', 'none'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise((resolve) => {
  let text = '';
  server.stdout.on('data', (data) => {
    text += data;
    const found = /ws:\/\/[\d.]+:\d+/.exec(text);
    if (found) resolve(found[0]);
  });
});
let [same, different] = [0, 0];
try {
  for (const path of process.argv.slice(2)) {
    for (const chunkBytes of [1, 7, 160, 320, 4096, 1_048_576]) {
      const file = chunkBytes === 1 ? await head(path, folder) : path;
      const analysed = windows(await undertone('analyze', file, '--format', 'jsonl'));
      const replayed = windows(
        await undertone(
          'replay',
          file,
          '--url',
          url,
          '--speed',
          'max',
          '--format',
          'jsonl',
          '--chunk-bytes',
          String(chunkBytes),
        ),
      );
      const equal = analysed.length > 0 && analysed.join('\n') === replayed.join('\n');
      if (equal) same += 1;
      else different += 1;
      console.log(
        `${equal ? 'same     ' : 'DIFFERENT'}  ${String(analysed.length).padStart(5)} windows  ${String(chunkBytes).padStart(7)} bytes  ${path}`,
      );
    }
  }
} finally {
  server.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${same} the same, ${different} different`);
process.exitCode = different === 0 && same > 0 ? 0 : 1;
