import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExportFormatName, exportCall, exportFormats, recordCall } from '../../../src/exports/index.ts';
import type { CallDetail, ServerEvent, TimelinePoints } from '../../../src/protocol/index.ts';
import { readAlertRules } from '../../../src/streams/index.ts';
import { audio, MONO, Peer, SHORT, start } from '../harness.ts';
import {
  AS_ANNA,
  ask,
  callOf,
  type Desk,
  eventually,
  httpOf,
  openDeskServer,
  SIDES,
  STEREO,
  sureModel,
} from './harness.ts';

const RULES = readAlertRules('rules: [{ name: long, when: { measure: duration, above: 1 s } }]');

let desk: Desk;
let events: readonly ServerEvent[];
beforeAll(async () => {
  desk = await openDeskServer({ rules: RULES });
  events = await callOf(desk.server, 3, { callId: 'call', streamId: 'stream' });
});
afterAll(() => desk.close());

const lines = (text: string): ServerEvent[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ServerEvent);
const numbered = (all: readonly ServerEvent[]) => all.filter((event) => 'cursor' in event);

describe('the timeline of a call', () => {
  it('as JSON Lines is what its subscribers got, with its beginning', async () => {
    const got = lines((await desk.get('/v1/calls/call/timeline?format=jsonl')).body);
    expect(got[0]).toMatchObject({ type: 'started', streamId: 'stream', callId: 'call', channels: SIDES });
    expect(numbered(got)).toEqual(numbered(events));
  });

  it.each(Object.keys(exportFormats).filter((name) => name !== 'jsonl') as ExportFormatName[])(
    'as %s is what the exports make of the events',
    async (format) => {
      const answer = await desk.get(`/v1/calls/call/timeline?format=${format}`);
      const own = events.map((event) => (event.type === 'started' ? { ...event, receivedSamples: 0 } : event));
      expect(answer.body).toBe(exportCall(recordCall(own), format));
      const { mediaType, extension } = exportFormats[format];
      expect(answer.headers['content-type']).toContain(mediaType);
      expect(answer.headers['content-disposition']).toBe(
        `attachment; filename="call${extension}"; filename*=UTF-8''call${extension}`,
      );
    },
  );

  it('of a kind that is none is refused with the kinds there are', async () => {
    const answer = await desk.get('/v1/calls/call/timeline?format=docx');
    expect(answer.status).toBe(400);
    expect(answer.json<{ message: string }>().message).toMatch(/format must be one of points, jsonl, csv/);
  });
});

describe('the report of a call', () => {
  it('has the figures that the store has', async () => {
    const report = (await desk.get('/v1/calls/call/report?format=json')).json<{ metrics: object; alerts: object[] }>();
    const { metrics, allAlerts } = (await desk.get('/v1/calls/call')).json<CallDetail>();
    expect(report.metrics).toEqual(rounded(metrics));
    expect(report.alerts.length).toBe(2 * allAlerts.length);
    expect(allAlerts.map(({ rule }) => rule)).toEqual(['long']);
  });

  it('as a page names the sides, asks for nothing and runs nothing', async () => {
    const answer = await desk.get('/v1/calls/call/report');
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'unsafe-inline'/);
    expect(answer.headers['content-disposition']).toMatch(/^inline; /);
    expect(answer.body).toContain('caller (customer)');
    expect(answer.body).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });
});

const rounded = (value: object): unknown =>
  JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === 'number' ? Math.round(inner * 1e6) / 1e6 + 0 : inner,
  );

describe('a call of several streams', () => {
  it('is one timeline in its own time, its legs as channels, with one end', async () => {
    const first = await Peer.started(desk.server, {
      callId: 'two',
      streamId: 'leg-a',
      channels: [SIDES[0]],
      analysis: SHORT,
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
    const second = await Peer.started(desk.server, {
      callId: 'two',
      streamId: 'leg-b',
      channels: [SIDES[1]],
      analysis: SHORT,
    });
    for (const peer of [first, second]) {
      peer.send(audio(2));
      peer.json({ type: 'mark', name: 'here' });
      peer.send(audio(0.5));
      peer.json({ type: 'stop' });
    }
    await Promise.all([first.closed(), second.closed()]);
    const detail = (await desk.get('/v1/calls/two')).json<CallDetail>();
    const offsetMs = detail.streams[1]?.offsetMs ?? 0;
    expect(detail.streams.map(({ streamId }) => streamId)).toEqual(['leg-a', 'leg-b']);
    expect(offsetMs).toBeGreaterThan(600);

    const merged = lines((await desk.get('/v1/calls/two/timeline?format=jsonl')).body);
    expect(merged[0]).toMatchObject({ type: 'started', streamId: 'two', channels: SIDES });
    const told = numbered(merged);
    expect(told.map((event) => 'cursor' in event && event.cursor)).toEqual(told.map((_, index) => index));
    expect(told.every((event) => 'streamId' in event && event.streamId === 'two')).toBe(true);
    expect(merged.filter(({ type }) => type === 'ended')).toMatchObject([
      { durationMs: offsetMs + 2500, channels: [{ channel: 0 }, { channel: 1 }] },
    ]);
    expect(merged.at(-1)?.type).toBe('ended');
    const ends = (all: readonly ServerEvent[], channel: number) =>
      all.flatMap((event) => (event.type === 'window' && event.channel === channel ? [event.endMs] : []));
    expect(ends(merged, 0)).toEqual(ends(first.events, 0));
    expect(ends(merged, 1)).toEqual(ends(second.events, 0).map((ms) => ms + offsetMs));
    const marks = merged.flatMap((event) => (event.type === 'mark' ? [event.atMs] : []));
    expect(marks).toEqual([2000, 2000 + offsetMs]);
    // In order of time, each event where it was known.
    const times = merged.flatMap((event) => (event.type === 'window' ? [event.endMs] : []));
    expect(times).toEqual([...times].sort((a, b) => a - b));

    const report = (await desk.get('/v1/calls/two/report?format=json')).json<{ metrics: object }>();
    expect(report.metrics).toEqual(rounded(detail.metrics));
    const points = (await desk.get('/v1/calls/two/timeline')).json<TimelinePoints>();
    expect(points.legs.map(({ points: of }) => of.map(({ endMs }) => endMs))).toEqual([
      ends(merged, 0),
      ends(merged, 1),
    ]);
    // Every file for other tools can be made of it.
    for (const format of Object.keys(exportFormats)) {
      expect((await desk.get(`/v1/calls/two/timeline?format=${format}`)).status).toBe(200);
    }
  });
});

describe('a role that is not analysed', () => {
  it('keeps its emotions from every answer', async () => {
    const change = { policy: { analysedRoles: ['customer'], notice: 'We listen to callers.' } };
    const { body } = await desk.ask('PUT', '/v1/settings', { headers: AS_ANNA, body: change });
    expect(JSON.parse(body)).toMatchObject(change);
    const told = numbered(lines((await desk.get('/v1/calls/call/timeline?format=jsonl')).body));
    expect(told.map((event) => 'cursor' in event && event.cursor)).toEqual(told.map((_, index) => index));
    const labels = (channel: number) =>
      new Set(told.flatMap((event) => (event.type === 'window' && event.channel === channel ? [event.label] : [])));
    expect(labels(1)).toEqual(new Set(['unknown']));
    expect(labels(0)).not.toEqual(new Set(['unknown']));
    const points = (await desk.get('/v1/calls/call/timeline')).json<TimelinePoints>();
    expect(points.legs[1]?.points.every(({ label, arousal }) => label === 'unknown' && arousal === 0)).toBe(true);
    const detail = (await desk.get('/v1/calls/call')).json<CallDetail>();
    expect(detail.legs.map(({ shares }) => Object.keys(shares).length > 0)).toEqual([true, false]);
    const report = (await desk.get('/v1/calls/call/report?format=json')).json<{ metrics: object }>();
    expect(report.metrics).toEqual(rounded(detail.metrics));
    const page = (await desk.get('/v1/calls')).body;
    expect(JSON.parse(page).calls[0].legs[1].shares).toEqual({});
    await desk.ask('PUT', '/v1/settings', {
      headers: AS_ANNA,
      body: { policy: { analysedRoles: ['customer', 'employee', 'bot', 'unknown'], notice: '' } },
    });
  });
});

describe('a live call', () => {
  it('has its timeline and its report while it goes on, without a store, too', async () => {
    const server = await start({ model: sureModel(), limits: { historyBytesPerStream: 30_000 } });
    const base = httpOf(server);
    const get = (path: string) => ask(base, 'GET', path);
    const peer = await Peer.started(server, { callId: 'now', format: STEREO, channels: [...SIDES], analysis: SHORT });
    peer.send(audio(2, STEREO));
    await peer.until((event) => event.type === 'window' && event.endMs === 1800 && event.channel === 1);
    const points = (await get('/v1/calls/now/timeline')).json<TimelinePoints>();
    expect(points).toMatchObject({ callId: 'now', durationMs: 1800 });
    expect(points.legs[0]?.points.length).toBe(peer.of('window').filter(({ channel }) => channel === 0).length);
    // Byte for byte.
    const jsonl = (await get('/v1/calls/now/timeline?format=jsonl')).body;
    expect(jsonl.trim().split('\n').slice(1)).toEqual(peer.timeline);
    expect((await get('/v1/calls/now/report')).body).toContain('caller (customer)');
    expect(numbered(lines((await get('/v1/calls/now/timeline?format=jsonl')).body))).toEqual(numbered(peer.events));
    // What the memory no longer holds is said.
    peer.send(audio(10, STEREO));
    await peer.until((event) => event.type === 'window' && event.endMs === 11_800 && event.channel === 1);
    const late = await get('/v1/calls/now/report?format=json');
    expect(late.headers['x-undertone-truncated']).toBe('true');
    expect(late.json<{ note: string }>().note).toMatch(/no longer kept/);
    for (const path of ['/v1/calls', '/v1/calls/now', '/v1/calls/now/audio', '/v1/day?date=2026-01-01', '/v1/audit']) {
      const refused = await get(path);
      expect([path, refused.status, refused.json<{ code: string }>().code]).toEqual([path, 404, 'no-store']);
    }
    peer.json({ type: 'stop' });
    await peer.closed();
    expect((await get('/v1/calls/now/report')).status).toBe(200);
    expect((await get('/v1/calls/never/report')).json<{ code: string }>().code).toBe('unknown-call');
    expect((await get('/v1/calls/now/timeline?analysis=x')).json<{ code: string }>().code).toBe('no-store');
    await server.close();
  });

  it('that is kept is told up to now', async () => {
    const peer = await Peer.started(desk.server, { callId: 'going', format: MONO, analysis: SHORT });
    peer.send(audio(1.5));
    await peer.until((event) => event.type === 'window' && event.endMs === 1400);
    const detail = (await desk.get('/v1/calls/going')).json<CallDetail>();
    expect(detail).toMatchObject({ state: 'live', endedAt: null });
    const told = numbered(lines((await desk.get('/v1/calls/going/timeline?format=jsonl')).body));
    expect(told.length).toBeGreaterThanOrEqual(5);
    expect((await desk.ask('DELETE', '/v1/calls/going', { headers: AS_ANNA })).status).toBe(200);
    peer.send(audio(1));
    peer.json({ type: 'stop' });
    expect(await peer.closed()).toBe(1000);
    // Nothing more is kept of it, and the memory lets go of it after its last words.
    expect((await desk.get('/v1/calls/going')).status).toBe(404);
    await eventually(
      async () => (await desk.get('/v1/calls/going/timeline?format=csv')).status,
      (status) => status === 404,
    );
  });
});
