import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documents } from '../../scripts/docs/documents.ts';
import { UndertoneError } from '../../src/errors.ts';
import { dialects, parseClientMessage } from '../../src/protocol/index.ts';
import { audio, Peer, start, startMessage } from '../server/harness.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8');
const made = documents(ROOT);

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
const schemaOf = (side: string, type: string): ValidateFunction => {
  const schema = JSON.parse(read(`docs/schemas/${side}.${type}.json`)) as { $id: string };
  return ajv.getSchema(schema.$id) ?? ajv.compile(schema);
};

describe('the documents', () => {
  it.each([...made.keys()])('%s is what npm run docs makes of the code', (path) => {
    expect(read(path)).toBe(made.get(path));
  });

  it('hold no schema that is made no more', () => {
    const there = readdirSync(resolve(ROOT, 'docs/schemas')).map((name) => `docs/schemas/${name}`);
    expect(there.sort()).toEqual([...made.keys()].filter((path) => path.startsWith('docs/schemas/')).sort());
  });

  it('describe most fields: the comments of the sources were found', () => {
    const { properties } = JSON.parse(read('docs/schemas/server.window.json')) as {
      properties: Record<'seq' | 'cursor', { description?: string }>;
    };
    expect(properties.seq.description).toMatch(/^From 0, without holes, per stream and channel/);
    expect(properties.cursor.description).toMatch(/^Rises by one/);
    expect(Object.values(properties).filter(({ description }) => description !== undefined).length).toBeGreaterThan(9);
  });

  it('name every error, and every dialect that has a path', () => {
    const errors = read('docs/errors.md');
    expect(errors).toContain(`| \`not-json\` | ${new UndertoneError('not-json').message} | 400 | 4400 | no |`);
    expect(errors.match(/^## /gm)?.length).toBeGreaterThanOrEqual(7);
    const { channels } = parse(read('docs/asyncapi.yaml')) as {
      channels: { telephony: { parameters: { dialect: { enum: string[] } } } };
    };
    const named = dialects.map(({ name }) => name).filter((name) => name !== 'audiosocket');
    expect(channels.telephony.parameters.dialect.enum).toEqual(named);
  });
});

describe('the JSON Schemas', () => {
  it('take every event of a real stream', async () => {
    const server = await start();
    const peer = await Peer.started(server);
    peer.send(audio(4));
    peer.json({ type: 'mark', name: 'here' });
    peer.json({ type: 'stop' });
    await peer.closed();
    const late = await Peer.subscribe(server, 'stream=not-there');
    await late.until((event) => event.type === 'status');
    late.socket.terminate();
    const wrong = await Peer.stream(server);
    wrong.send('{}');
    await wrong.closed();
    await server.close();
    const events = [...peer.events, ...late.events, ...wrong.events];
    const types = new Set(events.map(({ type }) => type));
    for (const type of ['ack', 'ended', 'error', 'mark', 'segment', 'started', 'status', 'window']) {
      expect(types).toContain(type);
    }
    for (const event of events) {
      const valid = schemaOf('server', event.type);
      expect([valid(event), valid.errors]).toEqual([true, null]);
    }
  });

  it.each<[string, object]>([
    ['the least', startMessage()],
    [
      'all there is',
      {
        ...startMessage(),
        streamId: 'a b',
        callId: 'ü',
        channels: [{ name: 'x', role: 'bot' }],
        metadata: { a: 1, b: 'c', d: true },
        resume: { token: 't', from: 3 },
      },
    ],
    ['an encoding that is none', startMessage({ format: { encoding: 'opus', sampleRateHz: 8000, channels: 1 } })],
    ['a rate that is none', startMessage({ format: { encoding: 'alaw', sampleRateHz: 7999, channels: 1 } })],
    ['half a channel', startMessage({ format: { encoding: 'alaw', sampleRateHz: 8000, channels: 1.5 } })],
    ['a window off the grid', startMessage({ analysis: { windowMs: 1005 } })],
    ['a step that is too short', startMessage({ analysis: { stepMs: 90 } })],
    ['a name that is empty', startMessage({ channels: [{ name: '' }] })],
    ['a name that is not printable', startMessage({ callId: 'a\nb' })],
    ['the id that means all', startMessage({ streamId: '*' })],
    ['a role that is none', { ...startMessage(), channels: [{ name: 'a', role: 'boss' }] }],
    ['metadata that is not flat', { ...startMessage(), metadata: { a: {} } }],
    ['a field that is none', { ...startMessage(), colour: 'red' }],
    ['no format', { type: 'start' }],
    ['a cursor below zero', startMessage({ resume: { token: 't', from: -1 } })],
  ])('say of a start with %s what the server says', (_, message) => {
    let accepted = true;
    try {
      parseClientMessage(JSON.stringify(message));
    } catch {
      accepted = false;
    }
    expect(schemaOf('client', 'start')(JSON.parse(JSON.stringify(message)))).toBe(accepted);
  });
});
