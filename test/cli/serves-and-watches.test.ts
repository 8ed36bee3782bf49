import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/server/index.ts';
import { modelFolder } from '../inference/model-folder.ts';
import { type ServerProcess, serve } from './server.ts';
import { DEMO_CALL, jsonLines, outcome, says, start, undertone } from './undertone.ts';

describe('undertone serve', () => {
  it('says which port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const { status, stdout, stderr } = await undertone(['serve', '--port', port, '--model', modelFolder()]);
    taken.close();
    expect(stderr).toBe(
      `undertone: Port ${port} on 127.0.0.1 is in use; choose another with --port, or 0 for a free one.\n`,
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'an address beyond this machine without a key',
      ['--host', '0.0.0.0'],
      2,
      /Listening on 0\.0\.0\.0 needs an API key; pass --api-key/,
    ],
    [
      'an address that is none',
      ['--host', '203.0.113.9', '--api-key', 'k'],
      1,
      /The server cannot listen on 203\.0\.113\.9/,
    ],
    ['a port that is none', ['--port', '70000'], 2, /Give a whole number from 0 to 65535/],
    ['a window out of range', ['--window-ms', '100'], 2, /A window of 100 ms is not supported/],
    ['a log level that is none', ['--log-level', 'loud'], 2, /Allowed choices are debug, info, warn, error, silent/],
    ['an argument too many', ['now'], 2, /too many arguments/],
  ])('%s: one sentence', async (_, args, expected, sentence) => {
    const model = modelFolder();
    const { status, stdout, stderr } = await undertone(['serve', '--port', '0', '--model', model, ...args]);
    rmSync(model, { recursive: true });
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'on %s ends every stream with its last windows and exits with 0',
    async (signal) => {
      const server = await serve(['--log-level', 'silent']);
      const child = start(['replay', DEMO_CALL, '--url', server.url, '--speed', '4', '--format', 'jsonl']);
      const replayed = outcome(child);
      await says(child, /"type":"window"/);
      expect(await server.stop(signal)).toMatchObject({ status: 0, stderr: '' });
      const { status, stdout, stderr } = await replayed;
      expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'ended', reason: 'shutdown' });
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: 'undertone: The server is shutting down; connect again in a moment.\n',
      });
    },
  );

  it('logs JSON lines that name no stream and no caller', async () => {
    const server = await serve();
    const args = ['--url', server.url, '--speed', 'max', '--channels', 'caller-0171234567'];
    expect((await undertone(['replay', DEMO_CALL, ...args])).status).toBe(0);
    const { stderr } = await server.stop();
    const messages = jsonLines(stderr).map((line) => ('msg' in line ? line.msg : ''));
    expect(messages).toEqual(['listening', 'stream opened', 'stream ended', 'shutting down']);
    expect(stderr).not.toContain('0171234567');
  });

  it('takes its options as defaults of streams, and tells its own in --help', async () => {
    const server = await serve([
      '--window-ms',
      '1000',
      '--step-ms',
      '200',
      '--descriptors',
      'energy',
      '--log-level',
      'silent',
    ]);
    const { stdout } = await undertone([
      'replay',
      DEMO_CALL,
      '--url',
      server.url,
      '--speed',
      'max',
      '--format',
      'jsonl',
    ]);
    await server.stop();
    expect(jsonLines(stdout)[0]).toMatchObject({ analysis: { windowMs: 1000, stepMs: 200, descriptors: ['energy'] } });
    const help = (await undertone(['serve', '--help'])).stdout.replace(/\s+/g, ' ');
    expect(help).toContain(`streams at once (default: ${DEFAULT_LIMITS.maxStreams})`);
    expect(help).toContain(`subscribers at once (default: ${DEFAULT_LIMITS.maxSubscribers})`);
    expect(help).toContain(`(default: ${DEFAULT_LIMITS.historyBytesPerStream})`);
  });
});

describe('undertone watch', () => {
  let server: ServerProcess;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'undertone-watch-'));
    server = await serve(['--log-level', 'silent']);
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const replay = (): ReturnType<typeof undertone> =>
    undertone(['replay', DEMO_CALL, '--url', server.url, '--speed', 'max', '--format', 'jsonl']);
  const numbered = (jsonl: string): string[] => jsonl.split('\n').filter((line) => line.includes('"cursor":'));

  it('shows the timeline of a stream from its start, the same bytes as its producer saw, and ends with it', async () => {
    const { stdout } = await replay();
    const id = String(/"streamId":"([^"]*)"/.exec(stdout)?.[1]);
    const watched = await undertone(['watch', id, '--url', server.url, '--from', 'start', '--format', 'jsonl']);
    expect(watched).toMatchObject({ status: 0, stderr: '' });
    expect(numbered(watched.stdout)).toEqual(numbered(stdout));
    const later = await undertone(['watch', id, '--url', server.url, '--from', '150', '--format', 'jsonl']);
    expect(numbered(later.stdout)).toEqual(numbered(stdout).slice(150));
    const out = join(folder, 'watched.csv');
    const table = await undertone([
      'watch',
      id,
      '--url',
      server.url,
      '--from',
      'start',
      '--format',
      'csv',
      '--out',
      out,
    ]);
    expect(table).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(183);
  });

  it('shows all that is live, every row with its stream', async () => {
    const child = start(['watch', '*', '--url', server.url]);
    const watched = outcome(child);
    // Nothing tells that a subscription to all has begun; what it misses of the first replays, it sees of the last.
    const seen = says(child, /^(\S+) +\d+:\d\d\.\d {2}channel0: \S+.* {2}channel1: \S+/m);
    let row: RegExpExecArray | undefined;
    seen.then((match) => {
      row = match;
    });
    const ids: string[] = [];
    while (row === undefined) ids.push(String(/"streamId":"([^"]*)"/.exec((await replay()).stdout)?.[1]));
    expect(ids).toContain(row[1]);
    child.kill('SIGINT');
    expect(await watched).toMatchObject({ status: 0, stderr: '' });
  });

  it('waits for a stream that is not there, unless it should not', async () => {
    const child = start(['watch', 'call-17', '--url', server.url]);
    const watched = outcome(child);
    await says(child, /waiting: The stream "call-17" is not there yet/);
    child.kill('SIGTERM');
    expect((await watched).status).toBe(0);
    const { status, stderr } = await undertone(['watch', 'call-17', '--url', server.url, '--no-wait']);
    expect(stderr).toMatch(/^undertone: There is no stream "call-17"; [^\n]*\n$/);
    expect(status).toBe(1);
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'no server',
      ['x', '--url', 'ws://127.0.0.1:9'],
      1,
      /^undertone: No connection to ws:\/\/127\.0\.0\.1:9\/v1\/subscribe/,
    ],
    ['no stream', ['--url', 'ws://x'], 2, /missing required argument 'stream'/],
    ['history of all', ['*', '--url', 'ws://x', '--from', 'start'], 2, /All streams can be watched from now on only/],
    ['a cursor that is none', ['x', '--url', 'ws://x', '--from', 'end'], 2, /--from <cursor>.* is invalid/],
  ])('%s: one sentence', async (_, args, expected, sentence) => {
    const { status, stdout, stderr } = await undertone(['watch', ...args]);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
  });
});
