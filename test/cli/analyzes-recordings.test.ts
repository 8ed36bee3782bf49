import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { modelFolder } from '../inference/model-folder.ts';
import { DEMO_CALL, jsonLines, outcome, start, undertone } from './undertone.ts';

let model: string;
let folder: string;
beforeAll(() => {
  model = modelFolder();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undertone-analyze-'));
  return () => rmSync(folder, { recursive: true });
});
afterAll(() => rmSync(model, { recursive: true }));

/** Seconds of a tone as 16-bit mono WAV, made by SoX. */
function wav(name: string, seconds = 2): string {
  const path = join(folder, name);
  execFileSync('sox', [
    '-R',
    '-n',
    '-r',
    '8000',
    '-b',
    '16',
    path,
    'synth',
    String(seconds),
    'sine',
    '220',
    'vol',
    '0.3',
  ]);
  return path;
}

const analyze = (...args: string[]): ReturnType<typeof undertone> =>
  undertone(['analyze', '--model', model, ...args], { cwd: folder });

describe('undertone analyze', () => {
  it('gives the events of the wire protocol, one per line', async () => {
    const { status, stdout, stderr } = await analyze(
      DEMO_CALL,
      '--format',
      'jsonl',
      '--channels',
      'caller:customer,agent:employee',
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = jsonLines(stdout);
    expect(lines[0]).toMatchObject({ type: 'started', analysis: { windowMs: 3000, stepMs: 500, descriptors: [] } });
    expect(lines.at(-1)).toMatchObject({ type: 'ended', reason: 'stop' });
    expect(lines.every((line) => !('file' in line))).toBe(true);
    const windows = lines.filter(({ type }) => type === 'window');
    for (const channel of [0, 1]) {
      const own = windows.filter((window) => window.channel === channel);
      // 45.2 s in steps of 0.5 s, and one that ends at the last sample.
      expect(own.map(({ seq }) => seq)).toEqual(Array.from({ length: 91 }, (_, seq) => seq));
      expect(own[0]).toMatchObject({
        channelName: ['caller', 'agent'][channel],
        role: ['customer', 'employee'][channel],
        startMs: 0,
        endMs: 500,
      });
    }
    expect(new Set(lines.map(({ type }) => type))).toEqual(new Set(['started', 'window', 'segment', 'turn', 'ended']));
  });

  it('takes windows, steps and descriptors as they are asked for', async () => {
    const { status, stdout } = await analyze(
      ...[
        wav('a.wav'),
        '--format',
        'csv',
        '--window-ms',
        '1000',
        '--step-ms',
        '250',
        '--descriptors',
        'loudness,energy',
      ],
    );
    expect(status).toBe(0);
    const [head = '', ...rows] = stdout.trimEnd().split('\n');
    expect(head.split(',').slice(-2)).toEqual(['d_loudness', 'd_energy']);
    expect(rows).toHaveLength(8);
    expect(rows.every((row) => row.split(',').length === head.split(',').length)).toBe(true);
  });

  it('takes a mono recording for one mixed channel and claims not to know who speaks', async () => {
    const { stdout } = await analyze(wav('a.wav'), '--format', 'jsonl');
    expect(jsonLines(stdout)[0]).toMatchObject({ channels: [{ name: 'mixed', role: 'unknown' }] });
    expect(jsonLines(stdout)[1]).toMatchObject({ type: 'window', channelName: 'mixed', role: 'unknown' });
  });

  it('shows a timeline for people without an option, plain where there is no terminal', async () => {
    const { stdout } = await analyze(wav('a.wav'), '--channels', 'only');
    expect(stdout).toMatch(/^\S*a\.wav {2}only\nwindow 3 s, step 0\.5 s, model test 0\.0\.1\n/);
    expect(stdout).toMatch(/ended at 0:02\.0\n/);
    expect(stdout).not.toContain('\u001b');
  });

  it('draws the timeline', async () => {
    const { status } = await analyze(DEMO_CALL, '--svg', 'figures/call.svg', '--channels', 'caller,agent');
    expect(status).toBe(0);
    execFileSync('/usr/bin/python3', [
      '-c',
      'import sys; from xml.etree import ElementTree as e; e.parse(sys.argv[1])',
      join(folder, 'figures/call.svg'),
    ]);
    expect(readFileSync(join(folder, 'figures/call.svg'), 'utf8')).toContain('>caller</text>');
  });

  it('writes --out only when it is complete', async () => {
    const { stdout, status } = await analyze(wav('a.wav'), '--format', 'jsonl', '--out', 'deep/a.jsonl');
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
    expect(jsonLines(readFileSync(join(folder, 'deep/a.jsonl'), 'utf8')).at(-1)).toMatchObject({ type: 'ended' });
    const failed = await analyze('missing.wav', '--out', 'deep/b.jsonl');
    expect(failed.status).toBe(1);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['a.jsonl']);
  });

  it('never writes over a recording', async () => {
    const path = wav('a.wav');
    const before = readFileSync(path);
    for (const option of ['--out', '--svg']) {
      const { status, stderr } = await analyze('a.wav', option, './a.wav');
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: 'undertone: The result would overwrite the recording a.wav.\n',
      });
    }
    expect(readFileSync(path)).toEqual(before);
  });

  it('ends well when its reader has seen enough', async () => {
    const child = start(['analyze', '--model', model, DEMO_CALL, '--format', 'jsonl']);
    child.stdout.once('data', () => child.stdout.destroy());
    const { status, stderr } = await outcome(child);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('bad recordings', () => {
  it.each<[string, () => void, RegExp]>([
    ['missing', () => undefined, /^undertone: bad\.wav does not exist\.\n$/],
    ['empty', () => writeFileSync(join(folder, 'bad.wav'), ''), /^undertone: bad\.wav is empty\.\n$/],
    [
      'a text',
      () => writeFileSync(join(folder, 'bad.wav'), 'This is a text.\n'.repeat(99)),
      /^undertone: bad\.wav is not audio [^\n]*\n$/,
    ],
    [
      'a folder without audio',
      () => mkdirSync(join(folder, 'bad.wav')),
      /^undertone: bad\.wav cannot be read: it holds no audio\.\n/,
    ],
    [
      'a header that is cut',
      () => writeFileSync(join(folder, 'bad.wav'), readFileSync(DEMO_CALL).subarray(0, 30)),
      /^undertone: bad\.wav [^\n]*\n$/,
    ],
  ])('%s: one sentence, exit status 1', async (_, make, sentence) => {
    make();
    const { status, stderr } = await analyze('bad.wav', '--format', 'jsonl');
    expect(stderr).toMatch(sentence);
    expect(status).toBe(1);
  });

  it('one that ends too early is analysed as far as it goes, with a warning', async () => {
    writeFileSync(join(folder, 'cut.wav'), readFileSync(DEMO_CALL).subarray(0, 100_000));
    const { status, stdout, stderr } = await analyze('cut.wav', '--format', 'jsonl');
    expect(stderr).toMatch(/^undertone: warning: cut\.wav ends too early: [^\n]*\n$/);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'ended' });
    expect(status).toBe(0);
  });
});

describe('several recordings', () => {
  it('one that is bad ends none of the others, and the status tells', async () => {
    writeFileSync(join(folder, 'b.wav'), 'no audio at all, but long enough to be looked at');
    const { status, stdout, stderr } = await analyze(wav('a.wav'), 'b.wav', 'gone.wav', wav('c.wav'));
    expect(status).toBe(1);
    const rows = stdout.trimEnd().split('\n');
    expect(rows[0]).toMatch(/^1\/4 {2}\S*a\.wav {2}0:02 {2}mixed: /);
    expect(rows[1]).toMatch(/^2\/4 {2}b\.wav {2}failed$/);
    expect(rows[2]).toMatch(/^3\/4 {2}gone\.wav {2}failed$/);
    expect(rows[3]).toMatch(/^4\/4 {2}\S*c\.wav {2}0:02 {2}mixed: /);
    expect(rows[4]).toBe('2 done, 2 failed of 4');
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  });

  it('jsonl lines carry the file, as it was given', async () => {
    wav('a.wav');
    mkdirSync(join(folder, 'sub'));
    wav('sub/b.wav');
    const { stdout, stderr } = await analyze('./a.wav', 'sub', '--format', 'jsonl');
    expect([...new Set(jsonLines(stdout).map(({ file }) => file))]).toEqual(['./a.wav', 'sub/b.wav']);
    expect(stderr).toContain('2 done of 2');
    const quoted = await analyze('*.wav', '--format', 'jsonl');
    expect([...new Set(jsonLines(quoted.stdout).map(({ file }) => file))]).toEqual(['a.wav']);
  });

  it('csv has its header once', async () => {
    const { stdout } = await analyze(wav('a.wav'), wav('b.wav'), '--format', 'csv');
    expect(stdout.split('\n').filter((line) => line.startsWith('file,'))).toHaveLength(1);
  });

  it('--svg takes one', async () => {
    const { status, stderr } = await analyze(wav('a.wav'), wav('b.wav'), '--svg', 'x.svg');
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'undertone: --svg takes one recording.\n' });
  });
});

describe('a batch goes on where it stopped', () => {
  const batch = (out: string, ...more: string[]): ReturnType<typeof undertone> =>
    analyze('calls', '--format', 'jsonl', '--out', out, ...more);
  beforeEach(() => {
    mkdirSync(join(folder, 'calls/sub'), { recursive: true });
    wav('calls/a.wav');
    wav('calls/sub/b.wav');
  });

  it('in a folder of results: what is finished is skipped, what is new or was bad is done', async () => {
    writeFileSync(join(folder, 'calls/bad.wav'), 'not audio, though it has an ending that says so');
    const first = await batch('results');
    expect(first.status).toBe(1);
    expect(first.stdout).toContain('2 done, 1 failed of 3');
    expect(existsSync(join(folder, 'results/sub/b.wav.jsonl'))).toBe(true);
    expect(readdirSync(join(folder, 'results')).sort()).toEqual(['.undertone-state.jsonl', 'a.wav.jsonl', 'sub']);

    copyFileSync(join(folder, 'calls/a.wav'), join(folder, 'calls/bad.wav'));
    wav('calls/c.wav');
    const before = readFileSync(join(folder, 'results/a.wav.jsonl'));
    const second = await batch('results');
    expect(second.status).toBe(0);
    expect(second.stdout).toContain('2 done, 2 done before of 4');
    expect(second.stdout).toMatch(/calls\/a\.wav {2}0:02 {2}mixed: .*\(done before\)/);
    expect(readFileSync(join(folder, 'results/a.wav.jsonl'))).toEqual(before);
  });

  it('what has changed since is done again: the recording, the settings, a lost result', async () => {
    await batch('results');
    utimesSync(join(folder, 'calls/a.wav'), 1, 1);
    expect((await batch('results')).stdout).toContain('1 done, 1 done before of 2');
    rmSync(join(folder, 'results/sub/b.wav.jsonl'));
    expect((await batch('results')).stdout).toContain('1 done, 1 done before of 2');
    expect((await batch('results', '--window-ms', '1000')).stdout).toContain('2 done of 2');
    expect((await batch('results', '--window-ms', '1000')).stdout).toContain('0 done, 2 done before of 2');
  });

  it('after a crash in the middle of a result or of the state, half of either counts as nothing', async () => {
    await batch('results');
    writeFileSync(join(folder, 'results/c.wav.jsonl.part'), '{"type":"star');
    appendFileSync(join(folder, 'results/.undertone-state.jsonl'), '{"file":"calls/c.wav","size":1');
    wav('calls/c.wav');
    expect((await batch('results')).stdout).toContain('1 done, 2 done before of 3');
    expect(jsonLines(readFileSync(join(folder, 'results/c.wav.jsonl'), 'utf8')).at(-1)).toMatchObject({
      type: 'ended',
    });
    expect((await batch('results')).stdout).toContain('0 done, 3 done before of 3');
  });

  it('in one file: it is as if it had been written in one go', async () => {
    writeFileSync(join(folder, 'calls/sub/c.wav'), 'not audio, though it has an ending that says so');
    expect((await batch('all.jsonl')).status).toBe(1);
    appendFileSync(join(folder, 'all.jsonl'), '{"file":"half a li');
    copyFileSync(join(folder, 'calls/a.wav'), join(folder, 'calls/sub/c.wav'));
    const second = await batch('all.jsonl');
    expect(second.stdout).toContain('1 done, 2 done before of 3');
    await batch('once.jsonl');
    expect(readFileSync(join(folder, 'all.jsonl'), 'utf8')).toBe(readFileSync(join(folder, 'once.jsonl'), 'utf8'));
    expect((await batch('all.jsonl')).stdout).toContain('0 done, 3 done before of 3');
  });

  it('in one file: with other settings it is begun anew', async () => {
    await batch('all.jsonl');
    await batch('all.jsonl', '--step-ms', '1000');
    await batch('once.jsonl', '--step-ms', '1000');
    expect(readFileSync(join(folder, 'all.jsonl'), 'utf8')).toBe(readFileSync(join(folder, 'once.jsonl'), 'utf8'));
  });

  it('recordings of one name keep a result each', async () => {
    const { stdout } = await analyze(
      'calls/a.wav',
      'calls/sub/b.wav',
      wav('a.wav'),
      '--format',
      'csv',
      '--out',
      'results',
    );
    expect(stdout).toContain('3 done of 3');
    expect(readdirSync(join(folder, 'results')).sort()).toEqual([
      ...['.undertone-state.jsonl', 'a.wav-2.csv', 'a.wav.csv', 'b.wav.csv'],
    ]);
  });
});

describe('bad model folders', () => {
  it.each<[string, () => string, RegExp]>([
    ['missing', () => join(folder, 'none'), /There is no model at \S+none; give a folder/],
    [
      'corrupt',
      () =>
        modelFolder(undefined, undefined, (files) => {
          files['weights.bin'] = Buffer.alloc(8);
        }),
      /cannot be read: weights\.bin has SHA-256/,
    ],
    [
      'of another feature set',
      () =>
        modelFolder(undefined, (manifest) => ({
          ...manifest,
          featureSet: { ...manifest.featureSet, hash: '0'.repeat(64) },
        })),
      /was trained on feature set .* train it again with undertone train/,
    ],
  ])('%s: one sentence, exit status 1', async (_, make, sentence) => {
    const { status, stdout, stderr } = await undertone(['analyze', DEMO_CALL, '--model', make()]);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });
});
