import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AudioFormat, HOP_MS, HOP_SAMPLES } from '../../src/audio/index.ts';
import { DescriptorExtractor, descriptorIndex, featureSet } from '../../src/features/index.ts';
import type { TimelineEvent } from '../../src/protocol/index.ts';
import { createAnalyzer } from '../../src/streams/index.ts';
import { fakeManifest, LinearModel } from './fake-model.ts';

const FORMAT: AudioFormat = { encoding: 'pcm_f32le', sampleRateHz: 16_000, channels: 2 };
const STEP_MS = 200;
/** 24 s of the demo call at the pipeline's own rate, by SoX: two sides that speak and pause. */
const CALL = new Uint8Array(
  execFileSync(
    'sox',
    [
      '-R',
      resolve(import.meta.dirname, '../../examples/demo-call.wav'),
      '-t',
      'f32',
      '-r',
      '16000',
      '-',
      'trim',
      '0',
      '24',
    ],
    { maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] },
  ),
);

function analyse(): readonly TimelineEvent[] {
  const events: TimelineEvent[] = [];
  const stream = createAnalyzer({ model: new LinearModel(fakeManifest(featureSet)) }).open({
    streamId: 's',
    callId: 's',
    format: FORMAT,
    channels: [
      { name: 'a', role: 'unknown' },
      { name: 'b', role: 'unknown' },
    ],
    analysis: { windowMs: 1000, stepMs: STEP_MS, descriptors: [] },
  });
  stream.events.subscribe((event) => events.push(event));
  stream.push(CALL);
  stream.stop('stop');
  return events;
}

const LEVEL = descriptorIndex('levelDb');
const F0 = descriptorIndex('f0Semitones');
const SPEECH = descriptorIndex('speech');

interface Hop {
  readonly speech: boolean;
  readonly levelDb: number;
  readonly f0: number;
}

/** The descriptors of a channel's hops, one by one, without the pipeline. */
function hopsOf(channel: number): Hop[] {
  const interleaved = new Float32Array(CALL.buffer, CALL.byteOffset, CALL.byteLength / 4);
  const samples = interleaved.filter((_, index) => index % 2 === channel);
  const extractor = new DescriptorExtractor();
  const row = new Float32Array(extractor.rowLength);
  return Array.from({ length: samples.length / HOP_SAMPLES }, (_, hop) => {
    const end = (hop + 1) * HOP_SAMPLES;
    const frame = new Float32Array(640);
    const begin = Math.max(0, end - 640);
    frame.set(samples.subarray(begin, end), 640 - (end - begin));
    extractor.describe(frame, row);
    return { speech: row[SPEECH]! >= 0.5, levelDb: row[LEVEL]!, f0: row[F0]! };
  });
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each([0, 1])('the windows of channel %i', (channel) => {
  const events = analyse().filter((event) => 'channel' in event && event.channel === channel);
  const windows = events.filter((event) => event.type === 'window');
  const turns = events.filter((event) => event.type === 'turn');
  const hops = hopsOf(channel);

  it('tell the speech, its level and its pitch of the time that they added', () => {
    for (const { startMs, endMs, added } of windows) {
      expect(endMs).toBeGreaterThan(startMs);
      const spoken = hops.slice((endMs - STEP_MS) / HOP_MS, endMs / HOP_MS).filter(({ speech }) => speech);
      const voiced = spoken.filter(({ f0 }) => !Number.isNaN(f0));
      expect(added.speechMs).toBe(spoken.length * HOP_MS);
      const level = mean(spoken.map(({ levelDb }) => levelDb));
      const pitch = mean(voiced.map(({ f0 }) => f0));
      if (level === null) expect(added.levelDb).toBeNull();
      else expect(added.levelDb).toBeCloseTo(level, 4);
      if (pitch === null) expect(added.pitchSemitones).toBeNull();
      else expect(added.pitchSemitones).toBeCloseTo(pitch, 4);
    }
    expect(windows.some(({ added }) => added.speechMs === 0)).toBe(true);
    expect(windows.some(({ added }) => added.pitchSemitones !== null)).toBe(true);
  });

  it('tell the turn that is open, from its start to its last speech so far, once it holds 200 ms', () => {
    let seen = 0;
    for (const { endMs, openTurn } of windows) {
      // A turn is over, and told, 700 ms after its end; until then it is open.
      const turn = turns.find(({ startMs, endMs: end }) => startMs < endMs && endMs < end + 700);
      const heard = turn === undefined ? [] : hops.slice(turn.startMs / HOP_MS, endMs / HOP_MS);
      const spokenMs = heard.filter(({ speech }) => speech).length * HOP_MS;
      if (turn === undefined || spokenMs < 200) {
        expect(openTurn, `at ${endMs}`).toBeNull();
        continue;
      }
      seen += 1;
      const last = heard.findLastIndex(({ speech }) => speech);
      expect(openTurn).toEqual({ startMs: turn.startMs, endMs: turn.startMs + (last + 1) * HOP_MS });
    }
    expect(turns.length).toBeGreaterThan(1);
    expect(seen).toBeGreaterThan(10);
  });
});

describe('the speech that windows added', () => {
  it('is, in all, that of the summary', () => {
    const events = analyse();
    const ended = events.at(-1);
    if (ended?.type !== 'ended') throw new Error('it has not ended');
    for (const { channel, speechMs } of ended.channels) {
      const added = events.flatMap((event) =>
        event.type === 'window' && event.channel === channel ? [event.added.speechMs] : [],
      );
      expect(added.reduce((sum, ms) => sum + ms, 0)).toBe(speechMs);
      expect(speechMs).toBeGreaterThan(0);
    }
  });
});
