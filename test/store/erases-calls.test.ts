import { expect, it } from 'vitest';
import { AT, ask, crowd, markedCall, raw } from './marked-call.ts';
import { findRaw } from './raw-files.ts';
import { StreamScript } from './script.ts';
import { describeStores } from './stores.ts';

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
    if (fixture.kind === 'postgres') {
      // As the documents say for PostgreSQL's log.
      expect(findRaw(fixture.folder, marked.needles)).not.toEqual({});
      for (const statement of ['CHECKPOINT', 'SELECT pg_switch_wal()', 'CHECKPOINT']) await ask(fixture, statement);
      expect(findRaw(fixture.folder, marked.needles)).toEqual({});
    }
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

  it('does not come back by what others still hold of it', async () => {
    const store = await fixture.open();
    const { callId, needles } = await markedCall(store, 'one');
    const [delivery] = await store.deliveries('dead');
    await store.eraseCall(callId, 'Kim');
    await store.keepDelivery({ ...delivery!, attempts: 2 });
    await store.note({ at: AT, by: 'Kim', action: 'recording-removed', subject: callId }, callId);
    const correction = {
      correctionId: 'x',
      callId,
      streamId: 's',
      channel: 0,
      startMs: 0,
      endMs: 1,
      label: 'fear',
      by: 'Kim',
      at: AT,
    } as const;
    await expect(store.correct(correction)).rejects.toMatchObject({ code: 'not-found' });
    expect(await store.deliveries('dead')).toEqual([]);
    expect((await store.audit(1))[0]).toEqual({ at: AT, by: 'Kim', action: 'recording-removed', subject: 'erased' });
    expect(await raw(fixture, needles)).toEqual({});
    // Of a later call with the same id they are kept.
    const later = new Date(Date.now() + 1000).toISOString();
    await store.note({ at: later, by: 'Kim', action: 'export', subject: callId }, callId);
    await store.keepDelivery({ ...delivery!, createdAtMs: Date.now() + 1000 });
    expect((await store.audit(1))[0]?.subject).toBe(callId);
    expect(await store.deliveries('dead')).toHaveLength(1);
  });

  it('that goes on is kept no further, nor one whose opening still waits', async () => {
    const store = await fixture.open();
    const script = new StreamScript({ callId: 'live', metadata: { caller: '123' } }).window(0, 500);
    await store.write(script.take());
    await store.eraseCall('live', 'Kim');
    await store.write(script.window(0, 1000).mark('after', 1000).alert('a', 'raised', 1000).take());
    expect(await store.call('live')).toBeUndefined();
    const waiting = new StreamScript({ callId: 'live' }).window(0, 500);
    await store.write([...script.recorded('late.enc').ended(1500).take(), ...waiting.take()]);
    expect((await store.calls({})).calls).toEqual([]);
    expect(await store.recordings()).toEqual([]);
    // A later call with the same id is another one.
    await store.write(new StreamScript({ callId: 'live', startedAtMs: Date.now() + 1000 }).take());
    expect((await store.calls({})).calls).toHaveLength(1);
  });
});
