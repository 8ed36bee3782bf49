import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EMOTIONS } from '../../src/emotions.ts';
import { exportCall, recordCall } from '../../src/exports/index.ts';
import { eventsOf, type MadeUp, ODD_NAMES } from './call-events.ts';

const GRAMMAR = join(import.meta.dirname, 'emotionml.rng');
const NAMESPACE = '{http://www.w3.org/2009/10/emotionml}';
const folder = mkdtempSync(join(tmpdir(), 'emotionml-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Node {
  readonly tag: string;
  readonly attributes: { readonly [name in 'name' | 'duration' | 'offset-to-start' | 'time-ref-uri']?: string };
  readonly children: readonly Node[];
}

const documentOf = (change: MadeUp = {}): string => exportCall(recordCall(eventsOf(change)), 'emotionml');

/** What xmllint says of documents beside the grammar: valid or not, one by one. */
function valid(documents: readonly string[]): boolean[] {
  return documents.map((document, index) => {
    const path = join(folder, `${index}.xml`);
    writeFileSync(path, document);
    const { status } = spawnSync('xmllint', ['--noout', '--nonet', '--relaxng', GRAMMAR, path]);
    // 3 is "not valid"; anything else is a fault of the test.
    expect([0, 1, 3]).toContain(status);
    return status === 0;
  });
}

/** A document as Python's expat reads it. */
function parse(document: string): Node {
  const program = `
import json, sys
from xml.etree import ElementTree
def node(e): return {'tag': e.tag, 'attributes': e.attrib, 'children': [node(c) for c in e]}
print(json.dumps(node(ElementTree.fromstring(sys.stdin.buffer.read()))))`;
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', program], { input: document, encoding: 'utf8' }));
}

const named = (parent: Node, tag: string): readonly Node[] =>
  parent.children.filter((child) => child.tag === NAMESPACE + tag);
const attributesOf = (parent: Node, tag: string) => named(parent, tag).map(({ attributes }) => attributes);

describe('EmotionML', () => {
  it('is valid, and has its own vocabulary with neutral', () => {
    const document = documentOf();
    expect(valid([document])).toEqual([true]);
    const root = parse(document);
    expect(root.tag).toBe(`${NAMESPACE}emotionml`);
    expect(root.attributes).toEqual({
      version: '1.0',
      'category-set': '#emotions',
      'dimension-set': 'http://www.w3.org/TR/emotion-voc/xml#pad-dimensions',
    });
    const [vocabulary] = named(root, 'vocabulary');
    expect(vocabulary?.attributes).toEqual({ type: 'category', id: 'emotions' });
    expect(attributesOf(vocabulary!, 'item')).toEqual(EMOTIONS.map((name) => ({ name })));
  });

  it('has an emotion per stretch of a label, relative to the stream, with its side', () => {
    const emotions = named(parse(documentOf()), 'emotion');
    const at = emotions.map(({ attributes }) => [attributes['offset-to-start'], attributes.duration]);
    expect(at).toEqual([
      ['0', '1000'],
      ['1000', '2000'],
      ['3000', '3000'],
      ['4000', '2000'],
    ]);
    for (const { attributes } of emotions) {
      expect(attributes).toMatchObject({ 'time-ref-uri': 'urn:undertone:stream:call-1', 'expressed-through': 'voice' });
    }
    const angry = emotions[1]!;
    expect(attributesOf(angry, 'category')).toEqual([
      { name: 'anger', value: '0.75', confidence: '0.6' },
      { name: 'surprise', value: '0.25' },
    ]);
    // Valence −0.4 and arousal 0.5 on a scale from 0 to 1.
    expect(attributesOf(angry, 'dimension')).toEqual([
      { name: 'pleasure', value: '0.3' },
      { name: 'arousal', value: '0.75' },
    ]);
    const [info] = named(angry, 'info');
    expect(info?.children).toEqual([
      {
        tag: '{urn:undertone:export}side',
        attributes: { channel: '0', name: 'caller', role: 'customer' },
        children: [],
      },
    ]);
  });

  it('says what it can where only segments are known', () => {
    const segments = eventsOf().filter(({ type }) => type !== 'window');
    const document = exportCall(recordCall(segments), 'emotionml');
    expect(valid([document])).toEqual([true]);
    const [first] = named(parse(document), 'emotion');
    expect(attributesOf(first!, 'category')).toEqual([{ name: 'neutral', value: '0.75' }]);
    expect(attributesOf(first!, 'dimension')).toEqual([]);
  });

  it('is valid without any emotion, and whatever the names, which come back', () => {
    const odd = ODD_NAMES.map((name) =>
      documentOf({ streamId: name, channels: [{ name, role: 'unknown' }], labels: [['anger']], turns: [] }),
    );
    const documents = [documentOf({ labels: [[], []] }), ...odd];
    expect(valid(documents)).toEqual(documents.map(() => true));
    odd.forEach((document, index) => {
      const [emotion] = named(parse(document), 'emotion');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them
      const name = ODD_NAMES[index]!.replace(/\p{Surrogate}|[\u0000-\u0008\u000b\u000c\u000e-\u001f]/gu, '\ufffd');
      expect(named(emotion!, 'info')[0]?.children[0]?.attributes.name).toBe(name);
      const uri = emotion?.attributes['time-ref-uri'] ?? '';
      expect(decodeURIComponent(uri.replace('urn:undertone:stream:', ''))).toBe(
        ODD_NAMES[index]!.replace(/\p{Surrogate}/gu, '\ufffd'),
      );
    });
  });

  it('would not be valid with what the Recommendation forbids', () => {
    const document = documentOf();
    const broken = [
      document.replace('version="1.0" xmlns', 'xmlns'),
      document.replace('value="0.75"', 'value="1.75"'),
      document.replace('<item name="anger"/>', '<item/>'),
      document.replace('type="category"', 'type="categories"'),
      document.replace('offset-to-start="0"', 'offset-to-start="0.5"'),
      document.replace('duration="1000"', 'duration="-1"'),
      document.replace(/<dimension name="pleasure"[^>]*>/, '<dimension name="pleasure"/>'),
      document.replace(/<info>.*?<\/info>/, '<info><category name="anger"/></info>'),
      document.replace(/(<emotion [^>]*>)[\s\S]*?<\/emotion>/, '$1</emotion>'),
      document.replaceAll('http://www.w3.org/2009/10/emotionml', 'urn:other'),
      document.replace('</emotionml>', ''),
    ];
    for (const text of broken) expect(text).not.toBe(document);
    expect(valid(broken)).toEqual(broken.map(() => false));
  });
});
