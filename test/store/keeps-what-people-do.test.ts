import { expect, it } from 'vitest';
import type { AlertHandling, Correction, KeptAnalysis } from '../../src/protocol/index.ts';
import { handled, type KeptDelivery, UNHANDLED } from '../../src/store/index.ts';
import { StreamScript } from './script.ts';
import { describeStores } from './stores.ts';

const AT = '2026-11-02T09:31:00.000Z';
const by = (action: AlertHandling['action'], more: Partial<AlertHandling> = {}): AlertHandling => ({
  action,
  by: 'Kim',
  at: AT,
  ...more,
});

describeStores('alerts', (fixture) => {
  it('are kept from their raise to their clear, with what was done', async () => {
    const store = await fixture.open();
    const script = new StreamScript({ callId: 'call-1', streamId: 's' }).window(0, 500, 'anger');
    await store.write(script.alert('anger', 'raised', 9000, { severity: 'high', sinceMs: 3000 }).take());
    const raised = {
      alertId: 's:1',
      callId: 'call-1',
      streamId: 's',
      rule: 'anger',
      severity: 'high',
      atMs: 9000,
      sinceMs: 3000,
      raisedAt: '2026-11-02T09:30:09.000Z',
      clearedMs: null,
      evidence: [
        {
          measure: 'anger',
          comparison: 'above',
          threshold: 0.6,
          value: 0.75,
          holds: true,
          channel: 0,
          channelName: 'caller',
        },
      ],
      handling: [],
      takenBy: null,
      acknowledged: false,
      wrong: false,
      snoozedUntil: null,
    };
    expect(await store.alert('s:1')).toEqual(raised);
    const snooze = by('snooze', { until: '2026-11-02T09:41:00.000Z', note: 'in touch' });
    const alert = await store.handleAlert('s:1', snooze);
    expect(alert).toEqual({ ...raised, handling: [snooze], snoozedUntil: snooze.until });
    await store.write(script.alert('anger', 'cleared', 12_000, { cause: 'stale' }).take());
    const cleared = { ...alert, clearedMs: 12_000, cause: 'stale' };
    expect(await store.alert('s:1')).toEqual(cleared);
    expect((await store.call('call-1'))?.allAlerts).toEqual([cleared]);
    expect(await (await fixture.reopen()).alert('s:1')).toEqual(cleared);
  });

  it('are cleared one by one, though a rule raises again', async () => {
    const store = await fixture.open();
    const script = new StreamScript({ callId: 'call-1', streamId: 's' });
    script.alert('a', 'raised', 1000).alert('b', 'raised', 1500).alert('a', 'cleared', 2000);
    script.alert('a', 'raised', 3000).alert('b', 'cleared', 4000).alert('never raised', 'cleared', 5000);
    await store.write(script.take());
    const alerts = (await store.call('call-1'))?.allAlerts.map(({ rule, atMs, clearedMs }) => [rule, atMs, clearedMs]);
    expect(alerts).toEqual([
      ['a', 1000, 2000],
      ['b', 1500, 4000],
      ['a', 3000, null],
    ]);
  });

  it('are handled in order, and what is done twice is done once', async () => {
    const store = await fixture.open();
    await store.write(new StreamScript({ callId: 'call-1', streamId: 's' }).alert('a', 'raised', 1000).take());
    const done = [
      by('acknowledge'),
      by('take'),
      by('take', { by: 'Lee', at: '2026-11-02T09:32:00.000Z' }),
      by('mark-wrong', { note: 'laughter' }),
      by('release'),
      by('reopen'),
    ];
    for (const handling of done) {
      await store.handleAlert('s:0', handling);
      await store.handleAlert('s:0', handling);
    }
    const alert = await store.alert('s:0');
    expect(alert?.handling).toEqual(done);
    expect(alert).toMatchObject({ takenBy: null, acknowledged: false, wrong: false, snoozedUntil: null });
    expect((await store.audit(10)).map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      'alert-reopen s:0',
      'alert-release s:0',
      'alert-mark-wrong s:0',
      'alert-take s:0',
      'alert-take s:0',
      'alert-acknowledge s:0',
    ]);
  });

  it('that are not there cannot be handled', async () => {
    const store = await fixture.open();
    await expect(store.handleAlert('s:9', by('take'))).rejects.toMatchObject({ code: 'not-found' });
    expect(await store.alert('s:9')).toBeUndefined();
    expect(await store.audit(10)).toEqual([]);
  });
});

it('every action on an alert does one thing', () => {
  const everything = { takenBy: 'Kim', acknowledged: true, wrong: true, snoozedUntil: AT };
  expect(handled(UNHANDLED, by('take'))).toEqual({ ...UNHANDLED, takenBy: 'Kim' });
  expect(handled(UNHANDLED, by('acknowledge'))).toEqual({ ...UNHANDLED, acknowledged: true });
  expect(handled(UNHANDLED, by('mark-wrong'))).toEqual({ ...UNHANDLED, wrong: true });
  expect(handled(UNHANDLED, by('snooze', { until: AT }))).toEqual({ ...UNHANDLED, snoozedUntil: AT });
  expect(handled(everything, by('release'))).toEqual({ ...everything, takenBy: null });
  expect(handled(everything, by('reopen'))).toEqual({ ...UNHANDLED, takenBy: 'Kim' });
});

describeStores('corrections', (fixture) => {
  const correction = (correctionId: string, callId: string): Correction => ({
    correctionId,
    callId,
    streamId: 's',
    channel: 1,
    startMs: 1234.5,
    endMs: 5000,
    label: 'surprise',
    by: 'Kim',
    at: AT,
  });

  it('are kept with their call, and removed', async () => {
    const store = await fixture.open();
    await store.write([...new StreamScript({ callId: 'a' }).take(), ...new StreamScript({ callId: 'b' }).take()]);
    for (const [id, callId] of [
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'a'],
    ] as const)
      await store.correct(correction(id, callId));
    expect(await store.corrections('a')).toEqual([correction('1', 'a'), correction('3', 'a')]);
    expect((await store.corrections()).map(({ correctionId }) => correctionId)).toEqual(['1', '2', '3']);
    expect((await store.call('b'))?.corrections).toEqual([correction('2', 'b')]);
    expect(await store.removeCorrection('1', 'Lee')).toBe(true);
    expect(await store.removeCorrection('1', 'Lee')).toBe(false);
    expect((await store.corrections('a')).map(({ correctionId }) => correctionId)).toEqual(['3']);
    expect((await store.audit(2)).map(({ by, action, subject }) => `${by} ${action} ${subject}`)).toEqual([
      'Lee remove-correction 1',
      'Kim correct 3',
    ]);
  });

  it('of no call are refused', async () => {
    const store = await fixture.open();
    await expect(store.correct(correction('1', 'none'))).rejects.toMatchObject({ code: 'not-found' });
    expect(await store.audit(10)).toEqual([]);
  });
});

describeStores('analyses of a recording', (fixture) => {
  const model = { name: 'other', version: '2', hash: 'def', labels: ['anger', 'fear'] as const };
  const analysis = (analysisId: string): KeptAnalysis => ({
    analysisId,
    model,
    at: AT,
    state: 'running',
    agreement: null,
  });

  it('have a timeline of their own', async () => {
    const store = await fixture.open();
    const script = new StreamScript({ callId: 'call-1', streamId: 's' }).window(0, 500, 'anger').ended(500);
    const second = new StreamScript({ callId: 'call-1', streamId: 't' }).ended(500);
    await store.write([...script.take(), ...second.take()]);
    await store.addAnalysis('call-1', analysis('one'));
    await store.addAnalysis('call-1', analysis('two'));
    expect((await store.call('call-1'))?.analyses).toEqual([analysis('one'), analysis('two')]);
    expect(await store.timeline('call-1', 'one')).toEqual([]);
    expect(await store.points('call-1', 'one')).toBeUndefined();
    const other = new StreamScript({ streamId: 's' });
    for (let endMs = 500; endMs <= 100_000; endMs += 500) other.window(0, endMs, 'fear');
    await store.finishAnalysis('one', { timelines: [{ streamId: 's', events: other.texts }], agreement: 0.75 });
    await store.finishAnalysis('two', 'failed');
    expect((await store.call('call-1'))?.analyses).toEqual([
      { ...analysis('one'), state: 'done', agreement: 0.75 },
      { ...analysis('two'), state: 'failed' },
    ]);
    expect(await store.timeline('call-1', 'one')).toEqual([
      { stream: { ...script.opening, model }, offsetMs: 0, events: other.texts },
    ]);
    expect(await store.points('call-1', 'one')).toMatchObject({ labels: ['anger', 'fear'], durationMs: 100_000 });
    // That of the call itself is what it was.
    expect((await store.timeline('call-1'))[0]?.events).toEqual(script.texts);
    expect(await store.timeline('call-1', 'two')).toEqual([]);
    expect(await store.timeline('call-1', 'three')).toEqual([]);
  });

  it('of no call, or that nobody has begun, are refused', async () => {
    const store = await fixture.open();
    await expect(store.addAnalysis('none', analysis('one'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(store.finishAnalysis('one', 'failed')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describeStores('the desk', (fixture) => {
  it('has a log of what was done, the newest first', async () => {
    const store = await fixture.open();
    for (const subject of ['1', '2', '3']) await store.note({ at: AT, by: 'Kim', action: 'settings', subject });
    expect(await store.audit(2)).toEqual([
      { at: AT, by: 'Kim', action: 'settings', subject: '3' },
      { at: AT, by: 'Kim', action: 'settings', subject: '2' },
    ]);
    expect(await (await fixture.reopen()).audit(100)).toHaveLength(3);
  });

  it('has settings', async () => {
    const store = await fixture.open();
    expect(await store.setting('policy')).toBeUndefined();
    await store.setSetting('policy', '{"a":1}');
    await store.setSetting('policy', '{"a":2}');
    await store.setSetting('other', '');
    expect(await store.setting('policy')).toBe('{"a":2}');
    expect(await (await fixture.reopen()).setting('other')).toBe('');
  });

  it('has webhook deliveries that wait, and those that nobody took', async () => {
    const store = await fixture.open();
    const delivery = (
      deliveryId: string,
      nextAttemptAtMs: number | null,
      more: Partial<KeptDelivery> = {},
    ): KeptDelivery => ({
      deliveryId,
      endpoint: 'https://example.com/hook',
      callId: null,
      body: '{"type":"alert.raised"}',
      createdAtMs: 1_760_000_000_000,
      attempts: 1,
      nextAttemptAtMs,
      lastError: null,
      ...more,
    });
    const waiting = [delivery('a', 3000), delivery('b', 1000), delivery('c', 2000)];
    const dead = [delivery('d', null), delivery('e', null, { createdAtMs: 1_760_000_000_001, lastError: '410' })];
    for (const each of [...waiting, ...dead]) await store.keepDelivery(each);
    expect(await store.deliveries('waiting')).toEqual([waiting[1], waiting[2], waiting[0]]);
    expect(await store.deliveries('dead')).toEqual([dead[1], dead[0]]);
    expect(await store.deliveries('waiting', 1)).toEqual([waiting[1]]);
    const gaveUp = delivery('b', null, { attempts: 8, lastError: 'timeout' });
    await store.keepDelivery(gaveUp);
    await store.removeDelivery('a');
    await store.removeDelivery('a');
    expect((await store.deliveries('waiting')).map(({ deliveryId }) => deliveryId)).toEqual(['c']);
    expect((await store.deliveries('dead')).map(({ deliveryId }) => deliveryId)).toEqual(['e', 'b', 'd']);
    expect((await store.deliveries('dead'))[1]).toEqual(gaveUp);
  });

  it('does not answer once it is closed', async () => {
    const store = await fixture.open();
    await store.close();
    await store.close();
    await expect(store.calls({})).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(store.write([])).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(store.eraseCall('a', 'Kim')).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});
