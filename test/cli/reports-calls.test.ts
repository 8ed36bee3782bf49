import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPORT_FORMATS } from '../../src/cli/option-parsers.ts';
import type { AlertEvent, CallMetrics, ServerEvent } from '../../src/protocol/index.ts';
import { serve } from './server.ts';
import { DEMO_CALL, undertone } from './undertone.ts';

const EXAMPLE_RULES = resolve(import.meta.dirname, '../../examples/rules.yaml');
const SIDES = ['--channels', 'caller:customer,agent:employee'];

/** Rules that the demo call fires: its pauses and its overlaps are known from the script that makes it. */
const RULES = `rules:
  - name: pause
    severity: low
    when: { measure: silence, above: 1 s }
  - name: half a minute
    severity: high
    when: { measure: duration, above: 30 s }
  - name: the end
    when: { measure: duration, above: 0 s }
    during: { from: 90 %, to: 100 % }
  - name: hours
    when: { measure: duration, above: 2 h }
`;

let folder: string;
let timeline: string;
let rules: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'undertone-report-'));
  timeline = join(folder, 'call.jsonl');
  rules = join(folder, 'rules.yaml');
  writeFileSync(rules, RULES);
  const { status } = await undertone(['analyze', DEMO_CALL, ...SIDES, '--format', 'jsonl', '--out', timeline]);
  expect(status).toBe(0);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => undertone(args, { cwd: folder });
const eventsOf = (text: string): ServerEvent[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ServerEvent);
const alertsOf = (text: string): AlertEvent[] => eventsOf(text).filter((event) => event.type === 'alert');

interface ReportFile {
  readonly title: string;
  readonly call: { readonly durationMs: number };
  readonly metrics: CallMetrics;
  readonly alerts: readonly { readonly rule: string; readonly state: string; readonly atMs: number }[];
}

describe('undertone report', () => {
  it('of a recording and of its timeline is the same, but for the title', async () => {
    const ofAudio = await run('report', DEMO_CALL, ...SIDES, '--rules', rules, '--format', 'json');
    const ofTimeline = await run('report', timeline, '--rules', rules, '--format', 'json');
    expect([ofAudio.status, ofTimeline.status]).toEqual([0, 0]);
    expect([ofAudio.stderr, ofTimeline.stderr]).toEqual(['', '']);
    const [a, b] = [JSON.parse(ofAudio.stdout) as ReportFile, JSON.parse(ofTimeline.stdout) as ReportFile];
    expect(a.title).toBe('demo-call.wav');
    expect({ ...b, title: a.title }).toEqual(a);
    expect(a.metrics.sides).toMatchObject([
      { name: 'caller', role: 'customer' },
      { name: 'agent', role: 'employee' },
    ]);
    expect(a.metrics.durationMs).toBe(a.call.durationMs);
    // A call of two who take turns: most of it is talk, and both talk.
    for (const { talkShare, voice } of a.metrics.sides) {
      expect(talkShare).toBeGreaterThan(0.3);
      expect(voice.levelDb.whole).toBeLessThan(0);
      expect(voice.syllablesPerSecond.whole).toBeGreaterThan(2);
    }
    expect(new Set(a.alerts.map(({ rule }) => rule))).toEqual(new Set(['pause', 'half a minute', 'the end']));
  });

  it('is a page by default, with the alerts of the rules', async () => {
    const { status, stdout, stderr } = await run('report', timeline, '--rules', rules);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^<!DOCTYPE html>/);
    expect(stdout).toContain('<td>half a minute</td>');
    expect(stdout).not.toContain('<script');
    expect((await run('report', timeline)).stdout).toContain('No alert was raised.');
  });

  it('has the alerts of the timeline where there are no rules', async () => {
    const withAlerts = await run('report', timeline, '--rules', rules, '--format', 'jsonl');
    writeFileSync(join(folder, 'with-alerts.jsonl'), withAlerts.stdout);
    const { stdout } = await run('report', 'with-alerts.jsonl', '--format', 'json');
    const told = (JSON.parse(stdout) as ReportFile).alerts;
    expect(told.length).toBeGreaterThan(3);
    expect(told).toEqual(
      alertsOf(withAlerts.stdout).map(({ type: _, streamId: __, cursor: ___, ...change }) => change),
    );
  });

  it.each([...REPORT_FORMATS])('writes %s by the ending of --out, and by --format', async (format) => {
    const endings: Readonly<Record<string, string>> = { textgrid: 'TextGrid' };
    const file = `by-ending.${endings[format] ?? format}`;
    expect(await run('report', timeline, '--out', file)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const { stdout } = await run('report', timeline, '--format', format);
    expect(readFileSync(join(folder, file), 'utf8')).toBe(stdout);
    expect(stdout.length).toBeGreaterThan(300);
  });

  it('writes subtitles that ffmpeg reads', async () => {
    await run('report', timeline, '--out', 'call.srt');
    const cues = execFileSync('ffmpeg', ['-v', 'error', '-i', join(folder, 'call.srt'), '-f', 'srt', '-'], {
      encoding: 'utf8',
    });
    expect(cues.match(/-->/g)?.length).toBeGreaterThan(5);
  });

  it('gives back the timeline that it read', async () => {
    const { stdout } = await run('report', timeline, '--format', 'jsonl');
    expect(stdout).toBe(readFileSync(timeline, 'utf8'));
  });

  it('puts several into a folder, says what failed, and skips what is finished', async () => {
    const calls = join(folder, 'calls');
    mkdirSync(calls, { recursive: true });
    copyFileSync(timeline, join(calls, 'a.jsonl'));
    writeFileSync(join(calls, 'b.jsonl'), readFileSync(timeline, 'utf8').split('\n').slice(0, 9).join('\n'));
    const args = ['report', 'calls/a.jsonl', 'calls/b.jsonl', '--out', 'reports/'];
    const first = await run(...args);
    expect(first.status).toBe(1);
    expect(first.stderr).toBe(
      'undertone: calls/b.jsonl cannot be read: the timeline is not complete: its last event, ended, is missing.\n',
    );
    expect(readdirSync(join(folder, 'reports')).sort()).toEqual(['.undertone-state.jsonl', 'a.jsonl.html']);
    expect((await run(...args)).stdout).toContain('1 done before, 1 failed of 2');
    expect((await run(...args, '--rules', rules)).stdout).toContain('1 done, 1 failed of 2');
  });
});

describe('undertone report called wrongly', () => {
  it.each<[string, number, RegExp, () => string[]]>([
    [
      'several files and no folder',
      2,
      /^undertone: Several reports need a folder: give --out DIR\/\.\n$/,
      () => [timeline, timeline.replace('call', 'other')],
    ],
    ['a format that is none', 2, /Use one of html, json, .*emotionml\.\n$/, () => [timeline, '--format', 'pdf']],
    ['a timeline that is not there', 1, /^undertone: nope\.jsonl does not exist\.\n$/, () => ['nope.jsonl']],
    [
      'rules that are not there',
      1,
      /^undertone: nope\.yaml does not exist\.\n$/,
      () => [timeline, '--rules', 'nope.yaml'],
    ],
    [
      'its own timeline as --out',
      2,
      /would overwrite the recording/,
      () => [timeline, '--out', timeline, '--format', 'jsonl'],
    ],
  ])('%s: one sentence', async (_, expected, sentence, args) => {
    const { status, stdout, stderr } = await run('report', ...args());
    expect(stderr).toMatch(sentence);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(existsSync(timeline)).toBe(true);
  });

  it.each<[string, (lines: string[]) => string, RegExp]>([
    ['no event', (lines) => [lines[0], 'nonsense', ...lines.slice(1)].join('\n'), /line 2 is no event of a timeline/],
    [
      'several streams',
      (lines) => [...lines, lines[1]?.replace('demo-call.wav', 'other')].join('\n'),
      /it holds several timelines/,
    ],
    ['one timeline twice', (lines) => [...lines, ...lines].join('\n'), /it holds several timelines/],
    ['nothing', () => '', /is empty/],
  ])('a timeline with %s: one sentence, exit status 1', async (_, change, sentence) => {
    const lines = readFileSync(timeline, 'utf8').trimEnd().split('\n');
    writeFileSync(join(folder, 'odd.jsonl'), change(lines));
    const { status, stdout, stderr } = await run('report', 'odd.jsonl');
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });
});

describe('undertone alerts test', () => {
  it('shows when the rules would have fired, with the evidence, and which never would', async () => {
    const { status, stdout, stderr } = await run('alerts', 'test', rules, 'call.jsonl');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^call\.jsonl {2}caller \(customer\), agent \(employee\)\n/m);
    expect(stdout).toMatch(
      /0:30\.5 {3}half a minute \(high\) for 14\.7 s, until the end\n {12}duration 30\.5 s, above 30\.0 s\n/,
    );
    expect(stdout).toMatch(/pause \(low\) for \d/);
    expect(stdout).toContain('    never   hours\n');
  });

  it('says the same of the recording', async () => {
    const ofAudio = await run('alerts', 'test', rules, DEMO_CALL, ...SIDES);
    const ofTimeline = await run('alerts', 'test', rules, timeline);
    expect(ofAudio.status).toBe(0);
    expect(ofAudio.stdout.split('\n').slice(1)).toEqual(ofTimeline.stdout.split('\n').slice(1));
  });

  it('says where no side has the role that a rule is about', async () => {
    const { stdout } = await run('alerts', 'test', EXAMPLE_RULES, DEMO_CALL);
    expect(stdout).toContain('never   angry customer: no side is the customer; name them with --channels\n');
    expect(stdout).toContain('never   dead air\n');
  });

  it('refuses rules that are wrong with their lines, exit status 2', async () => {
    const wrong = join(folder, 'wrong.yaml');
    writeFileSync(wrong, 'rules:\n  - name: a\n    when: { measure: anger, above: 7 }\n  - name: b\n');
    const { status, stdout, stderr } = await run('alerts', 'test', wrong, timeline);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(
      /^undertone: The alert rules are not valid\. line 3: above .*line 4: A rule needs "when"\.\n$/,
    );
  });

  it('refuses a rule on an emotion that the model of the timeline lacks', async () => {
    const lines = readFileSync(timeline, 'utf8').replace('"disgust",', '');
    writeFileSync(join(folder, 'fewer.jsonl'), lines);
    writeFileSync(join(folder, 'disgust.yaml'), 'rules:\n  - name: a\n    when: { measure: disgust, above: 0.5 }\n');
    const { status, stderr } = await run('alerts', 'test', 'disgust.yaml', 'fewer.jsonl');
    expect({ status, stderr }).toMatchObject({ status: 2 });
    expect(stderr).toContain('line 3: The model knows no disgust; it knows anger, fear,');
    expect(await run('alerts', 'test', 'disgust.yaml', timeline)).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('rules in force', () => {
  it('of analyze and of serve put the same alerts on the timeline', async () => {
    const server = await serve(['--rules', rules, '--workers', '1', '--log-level', 'warn']);
    const args = [DEMO_CALL, ...SIDES, '--format', 'jsonl'];
    const live = await run('replay', ...args, '--url', server.url, '--speed', 'max');
    const offline = await run('analyze', ...args, '--rules', rules, '--model', server.model);
    const { stderr } = await server.stop();
    expect([live.status, offline.status]).toEqual([0, 0]);
    const plain = ({ streamId: _, cursor: __, ...change }: AlertEvent) => change;
    const told = alertsOf(live.stdout).map(plain);
    expect(told.filter(({ rule }) => rule === 'half a minute')).toHaveLength(2);
    // A live call has no length: what is in percent is judged offline only, and the log says so.
    expect(told).toEqual(
      alertsOf(offline.stdout)
        .filter(({ rule }) => rule !== 'the end')
        .map(plain),
    );
    expect(alertsOf(offline.stdout).some(({ rule }) => rule === 'the end')).toBe(true);
    expect(stderr).toContain('"rules":["the end"]');
    expect(eventsOf(live.stdout).at(-1)?.type).toBe('ended');
  });

  it('that are wrong keep a server from starting, exit status 2', async () => {
    const wrong = join(folder, 'wrong.yaml');
    writeFileSync(wrong, 'rules: 7');
    for (const command of [
      ['serve', '--port', '0'],
      ['analyze', DEMO_CALL],
    ]) {
      const { status, stdout, stderr } = await run(...command, '--rules', wrong);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toBe('undertone: The alert rules are not valid. line 1: rules is a list.\n');
    }
  });
});
