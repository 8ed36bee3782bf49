import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMOTIONS } from '../../src/emotions.ts';
import { EMOTION_COLOURS, STACK_ORDER } from '../../src/exports/emotion-colours.ts';
import { TimelineRecord, timelineSvg } from '../../src/exports/index.ts';
import { escapeXml } from '../../src/exports/xml.ts';
import type { ServerEvent } from '../../src/protocol/index.ts';
import { endedAt, started, turnOf, windowOf } from '../cli/events.ts';

interface Element {
  readonly tag: string;
  readonly attributes: { readonly [name in 'd' | 'fill' | 'x' | 'width']?: string };
  readonly text: string;
}

/** Every element of several documents, as Python's expat reads them; throws where one is not well-formed. */
function parse(documents: readonly string[]): Element[][] {
  const program = `
import json, sys
from xml.etree import ElementTree
def element(e): return {'tag': e.tag.split('}')[1], 'attributes': e.attrib, 'text': e.text or ''}
print(json.dumps([[element(e) for e in ElementTree.fromstring(d).iter()] for d in json.load(sys.stdin)]))`;
  const input = JSON.stringify(documents);
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', program], { input, encoding: 'utf8', maxBuffer: 1e8 }));
}

function record(...events: readonly ServerEvent[]): TimelineRecord {
  const timeline = new TimelineRecord();
  for (const event of events) timeline.add(event);
  return timeline;
}

function elements(timeline: TimelineRecord, title = 'call.wav', note?: string): Element[] {
  return parse([timelineSvg(timeline, note === undefined ? { title } : { title, note })])[0] ?? [];
}

const texts = (found: readonly Element[]): string[] =>
  found.filter(({ tag }) => tag === 'text').map(({ text }) => text);

/** The corners of a path of straight lines. */
function corners(path: string): { x: number; y: number }[] {
  return [...path.matchAll(/[ML](\S+) ([^\sMLZ]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
}

/** What linear RGB becomes without one kind of cone (Machado et al. 2009, severity 1). */
const VISION: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'normal vision': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** A colour as seen, in CIE L*a*b* (D65). */
function lab(colour: string, vision: readonly (readonly number[])[]): number[] {
  const times = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
    matrix.map((row) => row.reduce((sum, factor, index) => sum + factor * (vector[index] ?? 0), 0));
  const linear = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const seen = times(vision, linear).map((value) => Math.min(1, Math.max(0, value)));
  const xyz = times(
    [
      [0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505],
      [0.2126, 0.7152, 0.0722],
      [0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089],
    ],
    seen,
  );
  const [x = 0, y = 0, z = 0] = xyz.map((t) => (t > 216 / 24_389 ? Math.cbrt(t) : (t * 24_389) / 27 / 116 + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe('the figure of a timeline', () => {
  const call = record(
    started,
    ...[0, 1, 2, 3].map((seq) => windowOf(seq, 'anger')),
    ...[4, 5].map((seq) => windowOf(seq, 'unknown')),
    ...[6, 7].map((seq) => windowOf(seq, 'sadness')),
    turnOf(250, 1900),
    { type: 'mark', streamId: 's', cursor: 5, name: 'transfer <1>', atMs: 3000 },
    endedAt(4000),
  );

  it('says what it shows, in words too', () => {
    const found = elements(call, 'a & b.wav', 'made up');
    const words = texts(found);
    for (const emotion of EMOTIONS) expect(words).toContain(emotion);
    for (const word of [
      'a & b.wav',
      'customer',
      'agent',
      'employee',
      'speech',
      '0:00',
      '0:04',
      'made up',
      'transfer <1>',
    ]) {
      expect(words).toContain(word);
    }
    expect(words).toContain('each point: the 3 s window that ends there, every 0.5 s · model made-up 1.2.3');
    expect(found.find(({ tag }) => tag === 'desc')?.text).toBe(
      '0:04.0 of audio. customer: mostly anger; agent: no emotion named.',
    );
  });

  it('stacks the probabilities to the full height where there is speech, and draws nothing elsewhere', () => {
    const areas = elements(call).filter(({ tag }) => tag === 'path');
    expect(areas).toHaveLength(EMOTIONS.length);
    const all = areas.flatMap(({ attributes }) => corners(attributes.d ?? ''));
    const top = Math.min(...all.map(({ y }) => y));
    const bottom = Math.max(...all.map(({ y }) => y));
    // The axis runs from 0 s at x = 132 to 4 s at 1172: 260 to a second. Speech ends at 2 s and begins again at 3 s.
    const xs = [...new Set(all.map(({ x }) => x))].sort((a, b) => a - b);
    expect(xs).toEqual([132, 262, 392, 522, 652, 912, 1042, 1172]);
    // Anger is on top, with 0.6 of the height while it is the label and 0.4 / 6 otherwise.
    const anger = corners(
      areas.find(({ attributes }) => attributes.fill === EMOTION_COLOURS.anger)?.attributes.d ?? '',
    );
    const height = (x: number): number => {
      const ys = anger.filter((corner) => corner.x === x).map(({ y }) => y);
      expect(Math.min(...ys)).toBeCloseTo(top, 0);
      return Math.max(...ys) - Math.min(...ys);
    };
    expect(height(392) / (bottom - top)).toBeCloseTo(0.6, 1);
    expect(height(1042) / (bottom - top)).toBeCloseTo(0.4 / 6, 1);
  });

  it('shades the speech, and names the label of every stretch', () => {
    const found = elements(call);
    const boxes = found.filter(({ tag, attributes }) => tag === 'rect' && attributes.x === '197');
    // 0.25 s to 1.9 s: from x = 197, 429 wide, once as shade and once in the lane of speech.
    expect(boxes.map(({ attributes }) => attributes.width)).toEqual(['429', '429']);
    const titles = found.filter(({ tag }) => tag === 'title').map(({ text }) => text);
    expect(titles).toContain('speech 0:00.2 to 0:01.9');
    expect(titles).toContain('anger 0:00.0 to 0:02.0');
    expect(titles).toContain('sadness 0:03.0 to 0:04.0');
    expect(titles.some((title) => title.startsWith('unknown'))).toBe(false);
  });

  it('has a lane for every alert rule, with a bar from each raise to its clear', () => {
    const alert = (rule: string, state: 'raised' | 'cleared', atMs: number): ServerEvent => ({
      type: 'alert',
      streamId: 's',
      cursor: 0,
      rule,
      severity: 'medium',
      state,
      atMs,
      sinceMs: atMs,
      evidence: [],
    });
    const found = elements(
      record(
        started,
        windowOf(0, 'anger'),
        alert('angry', 'raised', 1000),
        alert('angry', 'cleared', 2000),
        alert('<dead> air', 'raised', 3000),
        alert('never raised', 'cleared', 3500),
        endedAt(4000),
      ),
    );
    // 260 to a second from x = 132 on; what is still raised reaches to the end.
    const bars = found.filter(({ tag, attributes }) => tag === 'rect' && attributes.fill === '#B42318');
    expect(bars.map(({ attributes }) => [attributes.x, attributes.width])).toEqual([
      ['392', '260'],
      ['912', '260'],
    ]);
    expect(texts(found)).toContain('<dead> air');
    expect(texts(found)).not.toContain('never raised');
    expect(found.filter(({ tag }) => tag === 'title').map(({ text }) => text)).toContain('angry 0:01.0 to 0:02.0');
  });

  it('has no heading of its own on a page that has one', () => {
    const whole = parse([timelineSvg(call, { title: 'the title' })])[0] ?? [];
    const inline = parse([timelineSvg(call, { title: 'the title', inline: true })])[0] ?? [];
    expect(texts(whole)).toContain('the title');
    expect(texts(inline)).not.toContain('the title');
    expect(inline.find(({ tag }) => tag === 'title')?.text).toBe('Emotion timeline of the title');
    expect(inline).toHaveLength(whole.length - 2);
  });

  it('leaves the emotions out that a model does not have', () => {
    const model = { ...started.model, labels: ['anger', 'neutral'] as const };
    const words = texts(elements(record({ ...started, model }, endedAt(1000))));
    expect(words).toContain('anger');
    expect(words).not.toContain('surprise');
  });

  it('stays small for a call of hours', () => {
    const hours = Array.from({ length: 20_000 }, (_, seq) => windowOf(seq, seq % 40 < 20 ? 'anger' : 'neutral'));
    const svg = timelineSvg(record(started, ...hours, endedAt(10_000_000)), { title: 'long' });
    expect(svg.length).toBeLessThan(400_000);
    const found = parse([svg])[0] ?? [];
    const ticks = texts(found).filter((text) => /^\d+:\d\d(:\d\d)?$/.test(text));
    expect(ticks.length).toBeGreaterThan(3);
    expect(ticks.length).toBeLessThan(14);
  });

  it('is well-formed for a stream without windows, and one of no length', () => {
    expect(elements(record(started, endedAt(0))).length).toBeGreaterThan(10);
    expect(elements(record()).length).toBeGreaterThan(5);
  });

  it('is well-formed whatever the names hold', () => {
    const documents: string[] = [];
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (name, title) => {
        const channels = [{ name: `${name}\ud800\u0000]]><&"'`, role: 'unknown' as const }];
        const mark = { type: 'mark', streamId: 's', cursor: 1, name, atMs: 10 } as const;
        documents.push(
          timelineSvg(record({ ...started, channels }, windowOf(0, 'fear'), mark, endedAt(500)), { title }),
        );
      }),
    );
    expect(parse(documents)).toHaveLength(documents.length);
  });

  it('escapes text so that a parser gives it back', () => {
    const text = `<a href="x">'&amp;'</a>`;
    expect(parse([`<r>${escapeXml(text)}</r>`.replace('<r>', '<r xmlns="x">')])[0]?.[0]?.text).toBe(text);
    expect(escapeXml('a\u0000\ud800b\ufffe')).toBe('a\ufffd\ufffdb\ufffd');
  });

  it.each(Object.entries(VISION))('has a colour for every emotion that stays apart in %s', (_, matrix) => {
    expect([...STACK_ORDER].sort()).toEqual([...EMOTIONS]);
    const colours = EMOTIONS.map((emotion) => lab(EMOTION_COLOURS[emotion], matrix));
    const distances = colours.flatMap((a, index) =>
      colours.slice(index + 1).map((b) => Math.hypot(...a.map((value, axis) => value - (b[axis] ?? 0)))),
    );
    // 2.3 is a just noticeable difference of CIE 1976 colours (Mahy et al. 1994).
    expect(Math.min(...distances)).toBeGreaterThan(4 * 2.3);
  });
});
