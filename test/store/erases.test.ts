import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import postgres from 'postgres';
import { expect, it } from 'vitest';
import type { Store } from '../../src/store/index.ts';
import { packEvents } from '../../src/store/intake/block.ts';
import { findRaw, type Needles } from './raw-files.ts';
import { START_MS, StreamScript } from './script.ts';
import { describeStores, type StoreFixture } from './stores.ts';

const AT = '2026-11-02T09:31:00.000Z';

/** A call with a mark of its own in everything that is text. */
async function markedCall(store: Store, tag: string): Promise<{ readonly callId: string; readonly needles: Needles }> {
  const mark = (what: string): string => `${what}-${tag}-MARK`;
  const callId = mark('call');
  const metadata = { [mark('key')]: mark('value'), caller: mark('caller'), folded: mark('FOLDED') };
  const channels = [{ name: mark('channel'), role: 'customer' as const }];
  const script = new StreamScript({
    runId: mark('run'),
    callId,
    streamId: mark('stream'),
    channels,
    metadata,
    model: { name: mark('model'), version: '1', hash: 'h', labels: ['anger'] },
  });
  for (let endMs = 500; endMs <= 5000; endMs += 500) {
    script.window(0, endMs, 'anger', { raw: { anger: endMs / 10_000 }, latencyMs: (tag.length * endMs) % 97 });
  }
  script.alert(mark('rule'), 'raised', 2000, {
    evidence: [
      { measure: 'anger', comparison: 'above', threshold: 0.5, value: 0.9, holds: true, channelName: mark('evidence') },
    ],
  });
  script.mark(mark('mark'), 3000);
  const bodies = packEvents(script.texts.map((text) => Buffer.from(text))).body;
  await store.write(script.recorded(mark('file')).take());
  const [alert] = (await store.call(callId))!.allAlerts;
  const handling = {
    action: 'snooze' as const,
    by: mark('supervisor'),
    at: AT,
    until: mark('until'),
    note: mark('note'),
  };
  await store.handleAlert(alert!.alertId, handling);
  const place = { streamId: mark('stream'), channel: 0, startMs: 0, endMs: 500 };
  await store.correct({
    correctionId: mark('correction'),
    callId,
    ...place,
    label: 'fear',
    by: mark('corrector'),
    at: AT,
  });
  const model = { name: mark('other-model'), version: '2', hash: 'h', labels: ['anger' as const] };
  await store.addAnalysis(callId, { analysisId: mark('analysis'), model, at: AT, state: 'running', agreement: null });
  const analysed = Array.from({ length: 60 }, (_, index) => `{"type":"mark","name":"${tag}-${index * 7919}"}`);
  await store.finishAnalysis(mark('analysis'), {
    timelines: [{ streamId: mark('stream'), events: analysed }],
    agreement: 0.5,
  });
  await store.keepDelivery({
    deliveryId: mark('delivery'),
    endpoint: mark('endpoint'),
    callId,
    body: `{"text":"${mark('body')}"}`,
    createdAtMs: START_MS,
    attempts: 1,
    nextAttemptAtMs: null,
    lastError: mark('error'),
  });
  await store.note({ at: AT, by: 'Kim', action: 'export', subject: mark('subject') }, callId);
  await store.note({ at: AT, by: 'Kim', action: 'delete-recording', subject: callId });
  const texts = [
    'call',
    'stream',
    'run',
    'key',
    'value',
    'caller',
    'FOLDED',
    'channel',
    'model',
    'rule',
    'evidence',
    'mark',
    'file',
  ];
  const others = [
    'until',
    'note',
    'correction',
    'other-model',
    'analysis',
    'delivery',
    'endpoint',
    'body',
    'error',
    'subject',
  ];
  return {
    callId,
    needles: {
      ...Object.fromEntries([...texts, ...others].map((what) => [what, mark(what)])),
      folded: mark('FOLDED').toLowerCase(),
      // What is in a timeline is there compressed.
      events: bodies.subarray(0, 64),
      'more events': bodies.subarray(-64),
      analysed: packEvents(analysed.map((text) => Buffer.from(text))).body.subarray(0, 64),
    },
  };
}

/** Others' calls, so that pages are shared, split and emptied. */
async function crowd(store: Store, from: number, to: number): Promise<void> {
  const items = Array.from({ length: to - from }, (_, index) => {
    const script = new StreamScript({
      callId: `bystander-${from + index}`,
      startedAtMs: START_MS + (from + index) * 1000,
      metadata: { note: 'x'.repeat(((from + index) * 37) % 300), caller: `b${from + index}` },
    });
    return script.window(0, 500).mark(`mark ${index}`, 500).alert('silence', 'raised', 500).ended(500).take();
  });
  await store.write(items.flat());
}

async function ask({ url }: StoreFixture, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  await sql.unsafe(statement);
  await sql.end();
}

/** What the operating system has of the database. Of PostgreSQL without its log, which has a page of its own in the documents. */
async function raw(fixture: StoreFixture, needles: Needles): Promise<Readonly<Record<string, string>>> {
  if (fixture.kind === 'sqlite') return findRaw(fixture.folder, needles);
  await ask(fixture, 'CHECKPOINT');
  return findRaw(fixture.folder, needles, ['pg_wal']);
}

describeStores('an erased call', (fixture) => {
  it('is in no file any more, not a byte of it', async () => {
    const store = await fixture.open();
    await crowd(store, 0, 60);
    const marked = await markedCall(store, 'one');
    await crowd(store, 60, 120);
    const kept = await markedCall(store, 'two');
    const before = await store.call(kept.callId);
    // As PostgreSQL does by itself now and then: it keeps what values are common.
    if (fixture.kind === 'postgres') await ask(fixture, 'ANALYZE');
    // All of them can be found: the search finds what there is.
    expect(Object.keys(await raw(fixture, marked.needles)).sort()).toEqual(Object.keys(marked.needles).sort());
    const erased = await store.eraseCall(marked.callId, 'Kim');
    expect(erased).toEqual({ callIds: [marked.callId], recordings: ['file-one-MARK'] });
    expect(await raw(fixture, marked.needles)).toEqual({});
    expect(Object.keys(await raw(fixture, kept.needles)).sort()).toEqual(Object.keys(kept.needles).sort());
    expect(await store.call(marked.callId)).toBeUndefined();
    expect(await store.alert('stream-one-MARK:10')).toBeUndefined();
    expect(await store.corrections(marked.callId)).toEqual([]);
    expect(await store.call(kept.callId)).toEqual(before);
    expect((await store.calls({ text: 'bystander', limit: 200 })).calls).toHaveLength(120);
    // Nor when the store is opened again.
    const again = await fixture.reopen();
    expect(await raw(fixture, marked.needles)).toEqual({});
    expect(await again.call(kept.callId)).toMatchObject({ callId: kept.callId, state: 'lost' });
  });

  it('is in the audit log as a count, and what the log said of it says no longer of what', async () => {
    const store = await fixture.open();
    const { callId } = await markedCall(store, 'one');
    await store.note({ at: AT, by: 'Lee', action: 'settings', subject: 'retention' });
    await store.eraseCall(callId, 'Kim');
    const log = await store.audit(10);
    expect(log.map(({ by, action, subject }) => `${by} ${action} ${subject}`)).toEqual([
      'Kim erase-call 1 call',
      'Lee settings retention',
      'Kim delete-recording erased',
      'Kim export erased',
      'corrector-one-MARK correct erased',
      'supervisor-one-MARK alert-snooze erased',
    ]);
    expect(Date.parse(log[0]!.at)).toBeGreaterThan(Date.now() - 60_000);
  });

  it('that is not there is a count of none', async () => {
    const store = await fixture.open();
    await crowd(store, 0, 3);
    expect(await store.eraseCall('nobody', 'Kim')).toEqual({ callIds: [], recordings: [] });
    expect((await store.audit(10)).map(({ subject }) => subject)).toEqual(['0 calls']);
    expect((await store.calls({})).calls).toHaveLength(3);
  });

  it('that goes on is kept no further, nor one whose opening still waits', async () => {
    const store = await fixture.open();
    const script = new StreamScript({ callId: 'live', metadata: { caller: '123' } }).window(0, 500);
    await store.write(script.take());
    await store.eraseCall('live', 'Kim');
    await store.write(script.window(0, 1000).mark('after', 1000).alert('a', 'raised', 1000).take());
    expect(await store.call('live')).toBeUndefined();
    const waiting = new StreamScript({ callId: 'live' }).window(0, 500);
    await store.write([...script.ended(1500).take(), ...waiting.take()]);
    expect((await store.calls({})).calls).toEqual([]);
    // A later call with the same id is another one.
    await store.write(new StreamScript({ callId: 'live', startedAtMs: Date.now() + 1000 }).take());
    expect((await store.calls({})).calls).toHaveLength(1);
  });
});

describeStores('an erased caller', (fixture) => {
  it('is in no file any more, with all calls that have the value at the key', async () => {
    const store = await fixture.open();
    const number = '+49-30-555-MARK-0199';
    const scripts = [
      new StreamScript({ callId: 'first-of-caller', metadata: { caller: number } }).window(0, 500).ended(500),
      new StreamScript({ callId: 'second-of-caller', metadata: { caller: number, other: 1 } }).window(0, 500),
      new StreamScript({ callId: 'other-key', metadata: { called: 'somebody else' } }).ended(0),
      new StreamScript({ callId: 'longer', metadata: { caller: '+49-30-555' } }).ended(0),
    ];
    await store.write(scripts.flatMap((script) => [...script.take()]));
    await crowd(store, 0, 20);
    expect(Object.keys(await raw(fixture, { number }))).toEqual(['number']);
    const { callIds } = await store.eraseCaller('caller', number, 'Kim');
    expect([...callIds].sort()).toEqual(['first-of-caller', 'second-of-caller']);
    expect(await raw(fixture, { number, first: 'first-of-caller', second: 'second-of-caller' })).toEqual({});
    expect((await store.calls({ limit: 200 })).calls).toHaveLength(22);
    expect((await store.audit(1))[0]).toMatchObject({ by: 'Kim', action: 'erase-caller', subject: '2 calls' });
    // What still waited of that caller is passed over.
    await store.write(new StreamScript({ callId: 'third', metadata: { caller: number } }).window(0, 500).take());
    expect(await store.call('third')).toBeUndefined();
    expect(await raw(fixture, { number })).toEqual({});
  });

  it('may be a number or a truth value, as text', async () => {
    const store = await fixture.open();
    await store.write([
      ...new StreamScript({ callId: 'number', metadata: { caller: 4930 } }).take(),
      ...new StreamScript({ callId: 'text', metadata: { caller: '4930' } }).take(),
      ...new StreamScript({ callId: 'true', metadata: { caller: true } }).take(),
    ]);
    expect([...(await store.eraseCaller('caller', '4930', 'Kim')).callIds].sort()).toEqual(['number', 'text']);
    expect((await store.eraseCaller('caller', 'true', 'Kim')).callIds).toEqual(['true']);
    expect((await store.eraseCaller('caller', 'toString', 'Kim')).callIds).toEqual([]);
  });
});

describeStores('retention', (fixture) => {
  it('erases the calls that ended before, whatever their number, and no others', async () => {
    const store = await fixture.open();
    await crowd(store, 0, 250);
    const old = await markedCall(store, 'old');
    const live = new StreamScript({ callId: 'live', startedAtMs: START_MS - 1_000_000 }).window(0, 500);
    await store.write(live.take());
    // Ends of the crowd are half a second after their starts, one a second.
    const { callIds, recordings } = await store.eraseBefore(START_MS + 230_000);
    expect(callIds).toHaveLength(230);
    expect(recordings).toEqual([]);
    expect((await store.calls({ limit: 200 })).calls.map(({ callId }) => callId)).toHaveLength(22);
    expect((await store.audit(1))[0]).toMatchObject({ by: 'retention', action: 'retention', subject: '230 calls' });
    expect(await store.call(old.callId)).toMatchObject({ state: 'live' });
    const again = await fixture.reopen();
    expect((await again.eraseBefore(START_MS + 1_000_000)).callIds).toHaveLength(22);
    expect(await raw(fixture, old.needles)).toEqual({});
    expect((await again.calls({})).calls).toEqual([]);
  });

  it('says nothing where there is nothing to erase', async () => {
    const store = await fixture.open();
    await crowd(store, 0, 3);
    expect(await store.eraseBefore(START_MS)).toEqual({ callIds: [], recordings: [] });
    expect(await store.audit(10)).toEqual([]);
  });

  it('goes on while calls are written', async () => {
    const store = await fixture.open();
    await crowd(store, 0, 250);
    const erasing = store.eraseBefore(START_MS + 1_000_000);
    const live = new StreamScript({ callId: 'live' });
    for (let endMs = 500; endMs <= 10_000; endMs += 500) await store.write(live.window(0, endMs).take());
    expect((await erasing).callIds).toHaveLength(250);
    expect((await store.calls({})).calls.map(({ callId }) => callId)).toEqual(['live']);
    expect((await store.timeline('live'))[0]?.events).toEqual(live.texts);
  });
});

describeStores('files of the store', (fixture) => {
  it('are for the eyes of who runs it', async () => {
    const store = await fixture.open();
    await crowd(store, 0, 3);
    if (fixture.kind === 'postgres') return;
    const names = readdirSync(fixture.folder).filter((name) => name.startsWith(basename(fixture.url)));
    expect(names).toContain(basename(fixture.url));
    // Reading and writing by the owner, and nobody else.
    for (const name of names) expect(statSync(join(fixture.folder, name)).mode & 0o777).toBe(0o600);
  });
});
