import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServerProcess, serve } from './server.ts';
import { DEMO_CALL, jsonLines, outcome, says, start, undertone } from './undertone.ts';

let server: ServerProcess;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'undertone-replay-'));
  server = await serve(['--log-level', 'silent']);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** The beginning of the demo call, cut by SoX without a change of its samples. */
function beginning(name: string, seconds: number): string {
  const path = join(folder, name);
  if (!existsSync(path)) execFileSync('sox', ['-D', DEMO_CALL, path, 'trim', '0', String(seconds)]);
  return path;
}

const replay = (...args: string[]): ReturnType<typeof undertone> =>
  undertone(['replay', '--url', server.url, '--speed', 'max', ...args], { cwd: folder });
const analyze = (...args: string[]): ReturnType<typeof undertone> =>
  undertone(['analyze', '--model', server.model, ...args], { cwd: folder });

/** What of a line depends on the run and not on the audio. */
const withoutTheRun = (jsonl: string): string =>
  jsonl
    .replace(/"(streamId|callId|latencyMs|cursor)":("[^"]*"|[\d.]+),?/g, '')
    .replace(/"resume":\{[^}]*\},/g, '')
    .replace(/,\}/g, '}');

describe('replay and analyze give the same bytes', () => {
  it.each(['7', '160', '4096', '1048576'])('of the demo call, in messages of %s bytes', async (chunkBytes) => {
    const channels = ['--channels', 'caller:customer,agent:employee', '--format', 'jsonl'];
    const replayed = await replay(DEMO_CALL, '--chunk-bytes', chunkBytes, ...channels);
    const analyzed = await analyze(DEMO_CALL, ...channels);
    expect(replayed.stderr + analyzed.stderr).toBe('');
    expect(jsonLines(replayed.stdout).filter(({ type }) => type === 'window')).toHaveLength(182);
    expect(withoutTheRun(replayed.stdout)).toBe(withoutTheRun(analyzed.stdout));
  });

  it('in messages of one byte', async () => {
    const path = beginning('five.wav', 5);
    const replayed = await replay(path, '--chunk-bytes', '1', '--format', 'jsonl');
    const analyzed = await analyze(path, '--format', 'jsonl');
    expect(withoutTheRun(replayed.stdout)).toBe(withoutTheRun(analyzed.stdout));
  });

  it('with windows, descriptors and an encoding that were asked for', async () => {
    const asked = ['--window-ms', '1500', '--step-ms', '250', '--descriptors', 'loudness', '--encoding', 'pcm_s24le'];
    const path = beginning('five.wav', 5);
    const replayed = await replay(path, ...asked, '--format', 'jsonl');
    const analyzed = await analyze(path, ...asked, '--format', 'jsonl');
    expect(jsonLines(replayed.stdout)[0]).toMatchObject({
      analysis: { windowMs: 1500, stepMs: 250, descriptors: ['loudness'] },
    });
    expect(withoutTheRun(replayed.stdout)).toBe(withoutTheRun(analyzed.stdout));
  });
});

describe('undertone replay', () => {
  it('at a speed, never sends audio before it would have been spoken', async () => {
    const began = performance.now();
    const { status } = await undertone(['replay', beginning('two.wav', 2), '--url', server.url, '--speed', '4']);
    expect(status).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(500);
  });

  it('draws nothing on a stderr that is no terminal', async () => {
    expect((await replay(beginning('two.wav', 2))).stderr).toBe('');
  });

  it('one bad file ends none of the others, and the same command goes on where it stopped', async () => {
    const good = [beginning('two.wav', 2), beginning('three.wav', 3)];
    writeFileSync(join(folder, 'bad.wav'), 'not audio, though it has an ending that says so');
    const files = [good[0] ?? '', 'bad.wav', good[1] ?? ''];
    const first = await replay(...files, '--format', 'jsonl', '--out', 'results');
    expect(first.status).toBe(1);
    expect(first.stdout).toContain('2 done, 1 failed of 3');
    const results = ['two.wav.jsonl', 'three.wav.jsonl'].map((name) =>
      readFileSync(join(folder, 'results', name), 'utf8'),
    );
    expect(results.map((text) => jsonLines(text).at(-1)?.type)).toEqual(['ended', 'ended']);
    expect([...new Set(jsonLines(results[0] ?? '').map(({ file }) => file))]).toEqual([good[0]]);
    const second = await replay(...files, '--format', 'jsonl', '--out', 'results');
    expect(second.stdout).toContain('2 done before, 1 failed of 3');
  });

  it('is interrupted by Ctrl-C in the middle, and the server hears of it', async () => {
    const watcher = start(['watch', '*', '--url', server.url, '--format', 'jsonl']);
    const watched = outcome(watcher);
    const watching = says(watcher, /"type":"window"/);
    const told = says(watcher, /"type":"ended","streamId":"[^"]*","cursor":\d+,"reason":"disconnect"/);
    const child = start(['replay', DEMO_CALL, '--url', server.url, '--speed', '4', '--format', 'jsonl']);
    const ended = outcome(child);
    await watching;
    child.kill('SIGINT');
    const { status, stderr } = await ended;
    expect({ status, stderr }).toEqual({ status: 130, stderr: 'undertone: Interrupted.\n' });
    await told;
    watcher.kill('SIGINT');
    expect(await watched).toMatchObject({ status: 0, stderr: '' });
  });

  it('ends well when its reader has seen enough', async () => {
    const child = start(['replay', DEMO_CALL, '--url', server.url, '--speed', 'max', '--format', 'csv']);
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await outcome(child)).toMatchObject({ status: 0, stderr: '' });
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'no server',
      ['--url', 'ws://127.0.0.1:9'],
      1,
      /^undertone: No connection to ws:\/\/127\.0\.0\.1:9\/v1\/stream: \S+\.\n$/,
    ],
    ['no --url', [], 2, /^undertone: required option '--url <url>' not specified\n$/],
    ['a URL that is none', ['--url', 'http://x'], 2, /--url <url>.* is invalid\. Give a WebSocket URL/],
    [
      'a step over the window',
      ['--url', 'ws://x', '--window-ms', '500', '--step-ms', '600'],
      2,
      /longer than the window/,
    ],
    ['a speed that is none', ['--url', 'ws://x', '--speed', 'fast'], 2, /Give a number from 0\.1 to 1000, or max/],
    ['a chunk of no bytes', ['--url', 'ws://x', '--chunk-bytes', '0'], 2, /Give a whole number from 1 to 1048576/],
  ])('%s: one sentence', async (_, args, expected, sentence) => {
    const { status, stdout, stderr } = await undertone([
      'replay',
      DEMO_CALL,
      DEMO_CALL,
      beginning('two.wav', 2),
      ...args,
    ]);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
  });

  it.each<[string, string[], number, RegExp]>([
    ['a window that is out of range', ['--window-ms', '40000'], 2, /A window of 40000 ms is not supported/],
    [
      'a descriptor that is unknown',
      ['--descriptors', 'shininess'],
      2,
      /The descriptor "shininess" is unknown; use some of /,
    ],
    ['more names than channels', ['--channels', 'a,b,c'], 1, /3 channels are named but the format has 2/],
  ])('%s: the answer of the server', async (_, args, expected, sentence) => {
    const { status, stderr } = await replay(DEMO_CALL, ...args);
    expect(stderr).toMatch(sentence);
    expect(status).toBe(expected);
  });
});

describe('a server with a key', () => {
  let locked: ServerProcess;
  beforeAll(async () => {
    locked = await serve(['--log-level', 'silent'], { env: { UNDERTONE_API_KEY: 'se-cret' } });
  });
  afterAll(() => locked.stop());

  it('is used with the key of the option or of the environment, and not without', async () => {
    const args = ['replay', beginning('two.wav', 2), beginning('three.wav', 3), '--url', locked.url, '--speed', 'max'];
    const without = await undertone(args);
    expect(without.status).toBe(1);
    expect(without.stderr).toMatch(/^undertone: The API key is missing or wrong; [^\n]*\n$/);
    expect((await undertone([...args, '--api-key', 'se-cret'])).status).toBe(0);
    expect((await undertone(args, { env: { UNDERTONE_API_KEY: 'se-cret' } })).status).toBe(0);
    expect((await undertone([...args, '--api-key', 'wrong'])).status).toBe(1);
  });
});
