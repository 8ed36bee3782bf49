import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { crowd, markedCall, raw } from './marked-call.ts';
import { START_MS, StreamScript } from './script.ts';
import { describeStores } from './stores.ts';

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
    const second = await again.eraseBefore(START_MS + 1_000_000);
    expect(second.callIds).toHaveLength(22);
    expect(second.recordings).toEqual(['file-old-MARK']);
    expect((await again.calls({})).calls).toEqual([]);
    if (fixture.kind === 'postgres') {
      // Whole tables are written anew once a day; somebody who erases does not wait for that, nor does a new start.
      expect(await raw(fixture, old.needles)).not.toEqual({});
      await again.eraseCall('nobody', 'Kim');
    }
    expect(await raw(fixture, old.needles)).toEqual({});
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
