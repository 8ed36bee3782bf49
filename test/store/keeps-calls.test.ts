import { expect, it, vi } from 'vitest';
import { CallMeter } from '../../src/streams/index.ts';
import { CHANNELS, START_MS, StreamScript } from './script.ts';
import { describeStores } from './stores.ts';

/** A call of 20 s: the customer is angry for 4 s and the agent answers. */
function angryCall(opening: ConstructorParameters<typeof StreamScript>[0] = {}): StreamScript {
  const script = new StreamScript(opening);
  for (let endMs = 500; endMs <= 20_000; endMs += 500) {
    script.window(0, endMs, endMs > 8000 && endMs <= 12_000 ? 'anger' : 'neutral');
    script.window(1, endMs, endMs % 2000 === 0 ? 'unknown' : 'happiness');
    if (endMs === 3000) script.turn(0, 500, 2200);
    if (endMs === 9000) script.alert('angry customer', 'raised', 9000, { severity: 'high' });
    if (endMs === 10_000) script.mark('transfer', 9750).turn(1, 5000, 9000);
    if (endMs === 13_000) script.alert('angry customer', 'cleared', 13_000);
  }
  return script;
}

describeStores('keeps a call', (fixture) => {
  it('from its opening to its end', async () => {
    const store = await fixture.open();
    const script = angryCall({ callId: 'call-1', metadata: { caller: '+49 30 1234', vip: true, queue: 7 } });
    await store.write(script.ended(20_000).take());
    const call = await store.call('call-1');
    expect(call).toMatchObject({
      callId: 'call-1',
      state: 'ended',
      startedAt: '2026-11-02T09:30:00.000Z',
      endedAt: '2026-11-02T09:30:20.000Z',
      durationMs: 20_000,
      metadata: { caller: '+49 30 1234', vip: true, queue: 7 },
      recorded: false,
      missingEvents: 0,
      alerts: { raised: 1, open: 0, highest: 'high', rules: ['angry customer'] },
      marks: [{ name: 'transfer', atMs: 9750 }],
      corrections: [],
      analyses: [],
    });
    expect(call?.streams).toEqual([
      {
        streamId: script.opening.streamId,
        startedAt: '2026-11-02T09:30:00.000Z',
        offsetMs: 0,
        durationMs: 20_000,
        endReason: 'stop',
        model: script.opening.model,
        analysis: script.opening.analysis,
        channels: CHANNELS,
      },
    ]);
    const { callId, state, legs } = (await store.summary('call-1'))!;
    expect({ callId, state, legs }).toEqual({ callId: 'call-1', state: 'ended', legs: call?.legs });
  });

  it('with the figures that its stream added up', async () => {
    const store = await fixture.open();
    const script = angryCall({ callId: 'call-1' });
    await store.write(script.ended(20_000).take());
    const legs = (await store.summary('call-1'))!.legs;
    // 8 of 40 windows are angry; of the agent's, 30 of 40 have a label.
    expect(legs[0]).toEqual({
      name: 'caller',
      role: 'customer',
      streamId: script.opening.streamId,
      channel: 0,
      speechMs: 20_000,
      turns: 1,
      shares: { anger: 0.2, neutral: 0.8 },
      coverage: 1,
      arousal: 0.25,
      valence: 0,
      // The first ten seconds with all of the anger: 16 windows of −0.5 and 4 of 0.125 … over (2, 12].
      lowest: { valence: (8 * -0.5 + 12 * 0.125) / 20, startMs: 2000 },
    });
    expect(legs[1]).toMatchObject({ shares: { happiness: 1 }, coverage: 0.75, valence: 0.125, turns: 1 });
  });

  it('with the metrics that a meter has of the same events', async () => {
    const store = await fixture.open();
    const script = angryCall({ callId: 'call-1' }).ended(20_000);
    await store.write(script.take());
    const meter = new CallMeter(CHANNELS);
    for (const event of script.events) meter.next(event);
    expect((await store.call('call-1'))?.metrics).toEqual(meter.metrics());
  });

  it('and gives every event back as it was sent', async () => {
    const store = await fixture.open();
    const script = angryCall({ callId: 'call-1', metadata: { name: 'Zoë 🦊 "\\"' } });
    script.mark('Grüße 🎉 \\u0000 "quoted" \u2028', 20_000).ended(20_000);
    await store.write(script.take());
    const [timeline, ...others] = await store.timeline('call-1');
    expect(others).toEqual([]);
    expect(timeline?.events).toEqual(script.texts);
    expect(timeline?.stream).toEqual(script.opening);
    expect(timeline?.offsetMs).toBe(0);
  });

  it('the same in any batches, and after it was opened again', async () => {
    const store = await fixture.open();
    const whole = angryCall({ callId: 'whole', streamId: 'a' }).ended(20_000);
    const parts = angryCall({ callId: 'parts', streamId: 'a' }).ended(20_000);
    await store.write(whole.take());
    for (const item of parts.take()) await store.write([item]);
    const again = await fixture.reopen();
    const { callId: _, ...one } = (await again.call('whole'))!;
    const { callId: __, ...other } = (await again.call('parts'))!;
    const unnamed = ({ allAlerts, ...call }: typeof one) => ({ ...call, alerts: allAlerts.length });
    expect(unnamed(other)).toEqual(unnamed(one));
    expect((await again.timeline('parts'))[0]?.events).toEqual(parts.texts);
  });

  it('passes over what it has been told before', async () => {
    const store = await fixture.open();
    const script = angryCall({ callId: 'call-1' });
    const items = script.take();
    await store.write(items);
    const before = await store.call('call-1');
    await store.write(items);
    await store.write(items.slice(10));
    expect(await store.call('call-1')).toEqual(before);
    expect((await store.timeline('call-1'))[0]?.events).toEqual(script.texts);
    const rest = script.ended(20_000).take();
    await store.write(rest);
    const ended = await store.call('call-1');
    await store.write([...items, ...rest]);
    expect(await store.call('call-1')).toEqual(ended);
  });

  it('says how many events are missing, and takes bytes that are no event for one', async () => {
    const store = await fixture.open();
    const script = new StreamScript({ callId: 'call-1' });
    script.window(0, 500).missing(3);
    const { runId } = script.opening;
    const broken = ['no JSON', '[]', 'null', '7', '{"type":"window"}', '{"type":"other","cursor":9}'];
    const items = broken.map((text) => ({ kind: 'event' as const, runId, bytes: Buffer.from(text), atMs: START_MS }));
    await store.write([...script.take(), ...items]);
    expect(await store.summary('call-1')).toMatchObject({ missingEvents: 3 + broken.length });
    expect((await store.timeline('call-1'))[0]?.events).toEqual(script.texts);
  });

  it('passes over events of a stream that was never opened, and of one that has ended', async () => {
    const store = await fixture.open();
    const unknown = new StreamScript({ callId: 'unknown' });
    unknown.take();
    const ended = new StreamScript({ callId: 'ended' }).window(0, 500).ended(500);
    await store.write([...unknown.window(0, 500).closed(500).missing(2).take(), ...ended.take()]);
    await store.write(ended.window(0, 1000).take());
    expect(await store.call('unknown')).toBeUndefined();
    expect(await store.timeline('unknown')).toEqual([]);
    expect(await store.points('unknown')).toBeUndefined();
    expect(await store.summary('ended')).toMatchObject({ durationMs: 500, missingEvents: 0 });
  });

  it('of a stream without a result', async () => {
    const store = await fixture.open();
    await store.write(new StreamScript({ callId: 'silent' }).closed(0, 'error').take());
    const call = await store.call('silent');
    expect(call).toMatchObject({ state: 'ended', durationMs: 0, streams: [{ endReason: 'error' }] });
    expect(call?.legs[0]).toMatchObject({ shares: {}, coverage: 0, arousal: null, valence: null, lowest: null });
    expect(call?.metrics).toEqual(new CallMeter(CHANNELS).metrics());
    expect((await store.timeline('silent'))[0]?.events).toEqual([]);
  });

  it('of a very long call', async () => {
    const store = await fixture.open();
    const events = 200_000;
    const script = new StreamScript({ callId: 'long' });
    const { runId } = script.opening;
    const item = (cursor: number) => {
      const text = `{"type":"status","streamId":"s","cursor":${cursor},"code":"resumed","message":"","endMs":${cursor * 100}}`;
      return { kind: 'event' as const, runId, bytes: Buffer.from(text), atMs: START_MS + cursor };
    };
    await store.write([...script.take(), ...Array.from({ length: events }, (_, cursor) => item(cursor))]);
    const again = await fixture.reopen();
    expect(await again.call('long')).toMatchObject({ state: 'lost', durationMs: (events - 1) * 100 });
    expect((await again.timeline('long'))[0]?.events).toHaveLength(events);
    expect(await again.points('long')).toMatchObject({ durationMs: (events - 1) * 100 });
  });

  it('and where its recording is', async () => {
    const store = await fixture.open();
    const script = new StreamScript({ callId: 'call-1' }).window(0, 500).recorded('a.enc').ended(500);
    const other = new StreamScript({ callId: 'call-2' }).recorded('b.enc');
    await store.write([...script.take(), ...other.take()]);
    const kept = { runId: script.opening.runId, streamId: script.opening.streamId, file: 'a.enc', bytes: 1234 };
    expect(await store.recordings('call-1')).toEqual([kept]);
    expect((await store.recordings()).map(({ file }) => file)).toEqual(['a.enc', 'b.enc']);
    expect(await store.recordings('nothing')).toEqual([]);
    expect(await store.summary('call-1')).toMatchObject({ recorded: true });
  });
});

describeStores('what is told of a stream after its end', (fixture) => {
  it('is where its recording is, and what is missing', async () => {
    const store = await fixture.open();
    const script = new StreamScript({ callId: 'call-1' }).window(0, 500).ended(500);
    await store.write(script.take());
    await store.write(script.recorded('late.enc').missing(4).take());
    expect(await store.summary('call-1')).toMatchObject({ state: 'ended', recorded: true, missingEvents: 4 });
    expect((await store.recordings('call-1')).map(({ file }) => file)).toEqual(['late.enc']);
    const again = await fixture.reopen();
    await again.write(script.missing(1).take());
    expect(await again.summary('call-1')).toMatchObject({ missingEvents: 5 });
  });
});

describeStores('a call that goes on', (fixture) => {
  it('is told with the figures of this moment', async () => {
    const store = await fixture.open();
    const script = new StreamScript({ callId: 'live' });
    const meter = new CallMeter(CHANNELS);
    for (let endMs = 500; endMs <= 3000; endMs += 500) {
      await store.write(script.window(0, endMs, 'anger').window(1, endMs, 'neutral').take());
      for (const event of script.events.slice(-2)) meter.next(event);
      const call = await store.call('live');
      expect(call).toMatchObject({ state: 'live', endedAt: null, durationMs: endMs, streams: [{ endReason: null }] });
      expect(call?.metrics).toEqual(meter.metrics());
      expect(call?.legs[0]).toMatchObject({ shares: { anger: 1 }, speechMs: endMs, valence: -0.5 });
      const { calls } = await store.calls({});
      expect(calls[0]?.legs).toEqual(call?.legs);
    }
  });

  it('has its open alerts', async () => {
    const store = await fixture.open();
    const script = new StreamScript({ callId: 'live' });
    script
      .alert('anger', 'raised', 1000)
      .alert('silence', 'raised', 2000, { severity: 'low' })
      .alert('anger', 'cleared', 3000);
    await store.write(script.take());
    expect((await store.summary('live'))?.alerts).toEqual({
      raised: 2,
      open: 1,
      highest: 'medium',
      rules: ['anger', 'silence'],
    });
    await store.write(script.ended(4000).take());
    expect((await store.summary('live'))?.alerts).toMatchObject({ raised: 2, open: 0 });
  });

  it('is lost when its process ends without ending it, with all that was kept of it', async () => {
    const store = await fixture.open();
    const live = angryCall({ callId: 'live', metadata: { caller: 'x' } });
    const done = angryCall({ callId: 'done' }).ended(20_000);
    const silent = new StreamScript({ callId: 'silent' });
    await store.write([...live.take(), ...done.take(), ...silent.take()]);
    const before = await store.call('live');
    const again = await fixture.reopen();
    const after = await again.call('live');
    expect(after).toEqual({
      ...before,
      state: 'lost',
      // When the last was heard of it.
      endedAt: new Date(START_MS + 20_000).toISOString(),
    });
    expect(after?.streams[0]?.endReason).toBeNull();
    expect(await again.summary('done')).toMatchObject({ state: 'ended' });
    expect(await again.summary('silent')).toMatchObject({ state: 'lost', endedAt: '2026-11-02T09:30:00.000Z' });
    expect((await again.calls({ emotion: ['anger'], state: 'lost' })).calls.map(({ callId }) => callId)).toEqual([
      'live',
    ]);
    // It stays so.
    expect(await (await fixture.reopen()).call('live')).toEqual(after);
  });

  it('though many are, keeps nobody waiting for their figures', async () => {
    const store = await fixture.open();
    const scripts = Array.from({ length: 40 }, (_, index) => angryCall({ callId: `lost-${index}` }));
    await store.write(scripts.flatMap((script) => [...script.take()]));
    const again = await fixture.reopen();
    // Each has its figures whenever it is asked for …
    for (const callId of ['lost-0', 'lost-39', 'lost-20']) {
      expect((await again.summary(callId))?.legs.map(({ speechMs }) => speechMs)).toEqual([20_000, 20_000]);
    }
    // … and all of them soon, where filters look.
    await vi.waitFor(async () => {
      expect((await again.calls({ emotion: ['anger'], limit: 200 })).calls).toHaveLength(40);
    }, 20_000);
    // One of them goes on, on another stream, with what it had.
    const more = new StreamScript({ callId: 'lost-7', startedAtMs: START_MS + 60_000 }).window(0, 500, 'sadness');
    await again.write(more.take());
    const call = await again.call('lost-7');
    expect(call).toMatchObject({ state: 'live', durationMs: 60_500 });
    expect(call?.legs.map(({ shares }) => Object.keys(shares))).toEqual([
      ['anger', 'neutral'],
      ['happiness'],
      ['sadness'],
      [],
    ]);
  });
});
