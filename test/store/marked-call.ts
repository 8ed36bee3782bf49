import postgres from 'postgres';
import type { Store } from '../../src/store/index.ts';
import { packEvents } from '../../src/store/intake/block.ts';
import { findRaw, type Needles } from './raw-files.ts';
import { START_MS, StreamScript } from './script.ts';
import type { StoreFixture } from './stores.ts';

export const AT = '2026-11-02T09:31:00.000Z';

/** A call with a mark of its own in everything that is text. */
export async function markedCall(
  store: Store,
  tag: string,
): Promise<{ readonly callId: string; readonly needles: Needles }> {
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
export async function crowd(store: Store, from: number, to: number): Promise<void> {
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

export async function ask({ url }: StoreFixture, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  await sql.unsafe(statement);
  await sql.end();
}

/** What the operating system has of the database. Of PostgreSQL without its log, which has a page of its own in the documents. */
export async function raw(fixture: StoreFixture, needles: Needles): Promise<Readonly<Record<string, string>>> {
  if (fixture.kind === 'sqlite') return findRaw(fixture.folder, needles);
  await ask(fixture, 'CHECKPOINT');
  return findRaw(fixture.folder, needles, ['pg_wal']);
}
