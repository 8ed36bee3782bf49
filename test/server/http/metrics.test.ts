import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeAnalyzer } from '../fake-analyzer.ts';
import { audio, Peer, start } from '../harness.ts';
import { type Family, parseExposition } from './exposition-parser.ts';
import { ask, callOf, type Desk, eventually, httpOf, openDeskServer, SIDES, STEREO } from './harness.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDeskServer();
});
afterAll(() => desk.close());

const read = async (base: string): Promise<ReadonlyMap<string, Family>> => {
  const { headers, body } = await ask(base, 'GET', '/metrics');
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parseExposition(body);
};

const sampleOf = (families: ReadonlyMap<string, Family>, name: string, labels: Record<string, string> = {}): number => {
  const family = families.get(name) ?? families.get(name.replace(/_(count|sum|bucket)$/, ''));
  const wanted = JSON.stringify(labels);
  const found = family?.samples.find((each) => each.name === name && JSON.stringify(each.labels) === wanted);
  return found?.value ?? Number.NaN;
};

describe('the parser of these tests', () => {
  it.each([
    ['a line that is none', '# TYPE a gauge\na\n'],
    ['a sample without a family', 'a 1\n'],
    ['a sample of another family', '# TYPE a gauge\nb 1\n'],
    ['a counter without _total', '# TYPE a counter\na 1\n'],
    ['a series that comes twice', '# TYPE a gauge\na{x="1"} 1\na{x="1"} 2\n'],
    ['a label without quotes', '# TYPE a gauge\na{x=1} 1\n'],
    ['a type that comes twice', '# TYPE a gauge\na 1\n# TYPE a gauge\n'],
    ['buckets that fall', '# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n'],
    ['buckets without an end', '# TYPE a histogram\na_bucket{le="1"} 2\na_sum 1\na_count 2\n'],
    ['no last line feed', '# TYPE a gauge\na 1'],
  ])('does not take %s', (_, text) => {
    expect(() => parseExposition(text)).toThrow();
  });
});

describe('metrics', () => {
  it('count what a server has done, and tell nothing of whom', async () => {
    const before = await read(desk.base);
    expect(sampleOf(before, 'undertone_streams')).toBe(0);
    await callOf(desk.server, 3, {
      callId: 'Frau Müller +49 30 1234',
      streamId: 'private',
      metadata: { caller: '+49301234' },
    });
    const live = await Peer.started(desk.server, { format: STEREO, channels: [...SIDES] });
    live.send(audio(1, STEREO));
    await live.until(({ type }) => type === 'window');
    const subscriber = await Peer.subscribe(desk.server, 'stream=*');
    await desk.ask('GET', '/v1/calls/nobody-of-that-name');
    await desk.ask('GET', '/private-path-of-somebody');
    await eventually(
      async () => sampleOf(await read(desk.base), 'undertone_queue_bytes', { queue: 'store' }),
      (bytes) => bytes === 0,
    );
    const { body } = await desk.get('/metrics');
    const families = parseExposition(body);
    const value = (name: string, labels: Record<string, string> = {}) => sampleOf(families, name, labels);
    expect(value('undertone_streams')).toBe(1);
    expect(value('undertone_legs')).toBe(2);
    expect(value('undertone_streams_opened_total', { origin: 'websocket' })).toBe(2);
    expect(value('undertone_streams_ended_total', { reason: 'stop' })).toBe(1);
    expect(value('undertone_connections', { kind: 'producer' })).toBe(1);
    expect(value('undertone_connections', { kind: 'subscriber' })).toBe(1);
    expect(value('undertone_event_latency_seconds_count')).toBeGreaterThan(20);
    expect(value('undertone_stage_seconds_count', { stage: 'model' })).toBeGreaterThan(0);
    expect(value('undertone_stage_seconds_count', { stage: 'ring' })).toBe(0);
    const batches = value('undertone_model_batch_windows_count');
    expect(batches).toBe(value('undertone_stage_seconds_count', { stage: 'model' }));
    expect(value('undertone_model_batch_windows_sum')).toBeGreaterThanOrEqual(batches);
    expect(value('undertone_queue_bytes', { queue: 'history' })).toBeGreaterThan(1_000);
    expect(value('undertone_refused_total', { code: 'unknown-call' })).toBe(1);
    expect(value('undertone_refused_total', { code: 'not-found' })).toBe(1);
    expect(value('undertone_http_requests_total', { method: 'GET', route: '/v1/calls/:callId', status: '404' })).toBe(
      1,
    );
    expect(value('undertone_store_failing')).toBe(0);
    expect(value('undertone_store_written_items_total')).toBeGreaterThan(20);
    expect(value('undertone_store_lag_seconds')).toBeLessThan(60);
    expect(value('undertone_ready')).toBe(1);
    expect(value('undertone_overload_level')).toBe(0);
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(body).not.toMatch(/Müller|1234|private|nobody|caller/);
    live.json({ type: 'stop' });
    await live.closed();
    subscriber.socket.close();
  });

  it('of telephony are by dialect', async () => {
    const platform = await Peer.open(`${desk.server.url}/v1/telephony/twilio`, { protocols: [] });
    platform.socket.close();
    await platform.closed();
    const families = await read(desk.base);
    expect(sampleOf(families, 'undertone_platform_connections_total', { dialect: 'twilio' })).toBe(1);
  });

  it('cost little, and each server has its own', async () => {
    const other = await start();
    expect(sampleOf(await read(httpOf(other)), 'undertone_streams_opened_total', { origin: 'websocket' })).toBeNaN();
    // As many series with a thousand streams as with one.
    const many = await start({ createAnalyzer: fakeAnalyzer(), limits: { maxStreams: 200 } });
    const none = [...(await read(httpOf(many))).values()].reduce((sum, { samples }) => sum + samples.length, 0);
    const peers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => Peer.started(many, { streamId: `s${index}` })),
    );
    const families = await read(httpOf(many));
    expect(sampleOf(families, 'undertone_streams')).toBe(100);
    const some = [...families.values()].reduce((sum, { samples }) => sum + samples.length, 0);
    expect(some - none).toBeLessThan(10);
    for (const peer of peers) peer.socket.terminate();
    await many.close();
    await other.close();
  });
});

describe('docs/grafana.json', () => {
  const dashboard = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../docs/grafana.json'), 'utf8')) as {
    readonly panels: readonly {
      readonly title: string;
      readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
      readonly targets?: readonly { readonly expr: string }[];
    }[];
  };
  const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const used = new Set(expressions.flatMap((text) => text.match(/\b(undertone|process|nodejs)_\w+/g) ?? []));

  it('shows metrics that there are, and all of ours', async () => {
    const full = await openFull();
    const families = parseExposition((await full.get('/metrics')).body);
    await full.close();
    const names = [...families.values()].flatMap(({ name, type }) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((ending) => name + ending) : [name],
    );
    expect([...used].filter((name) => !names.includes(name))).toEqual([]);
    const shown = (name: string): boolean =>
      [...used].some((each) => each.replace(/_(bucket|sum|count)$/, '') === name || each === name);
    const ours = [...families.keys()].filter((name) => name.startsWith('undertone_'));
    expect(ours.filter((name) => !shown(name))).toEqual([]);
  });

  it('uses labels that there are', async () => {
    const full = await openFull();
    const families = parseExposition((await full.get('/metrics')).body);
    await full.close();
    const labels = new Set(
      [...families.values()].flatMap(({ samples }) => samples.flatMap((each) => Object.keys(each.labels))),
    );
    const grouped = expressions.flatMap((text) =>
      [...text.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/)),
    );
    // Those of counters that have not counted yet are not on the page.
    const late = ['code', 'dialect', 'reason', 'origin', 'instance', 'route', 'status', 'method'];
    expect(grouped.filter((label) => !labels.has(label) && !late.includes(label))).toEqual([]);
  });

  it('has panels that do not lie on each other', () => {
    const cells = new Set<string>();
    for (const { title, gridPos } of dashboard.panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect([title, cells.has(`${x} ${y}`)]).toEqual([title, false]);
          cells.add(`${x} ${y}`);
        }
      }
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
  });
});

/** With everything that has metrics of its own. */
function openFull(): Promise<Desk> {
  return openDeskServer({
    recordings: { folder: `${desk.folder}/recordings`, keys: [new Uint8Array(32).fill(7)] },
    webhooks: {
      endpoints: [
        {
          name: 'crm',
          url: new URL('https://crm.example/hook'),
          secrets: [new Uint8Array(32)],
          events: new Set(['alert.raised']),
          metadata: [],
          include: new Set(),
          timeoutMs: 1_000,
          concurrency: 1,
        },
      ],
    },
  });
}
