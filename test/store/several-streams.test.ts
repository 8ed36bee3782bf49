import { expect, it } from 'vitest';
import type { ChannelDescription, TimelineEvent } from '../../src/protocol/index.ts';
import { CallMeter } from '../../src/streams/index.ts';
import { START_MS, StreamScript } from './script.ts';
import { describeStores } from './stores.ts';

const CALLER: ChannelDescription = { name: 'caller', role: 'customer' };
const AGENT: ChannelDescription = { name: 'agent', role: 'employee' };

/** Two legs of a call on sockets of their own; the agent's begins 4.25 s later. */
function twoLegs(callId = 'call-1') {
  return { caller: callerLeg(callId), agent: agentLeg(callId) };
}

function callerLeg(callId: string): StreamScript {
  const caller = new StreamScript({ callId, channels: [CALLER], metadata: { caller: '1', from: 'caller' } });
  for (let endMs = 500; endMs <= 10_000; endMs += 500) {
    caller.window(0, endMs, endMs > 6000 ? 'anger' : 'neutral');
    if (endMs === 3500) caller.turn(0, 500, 3000);
    if (endMs === 8000) caller.alert('anger', 'raised', 8000);
    if (endMs === 9000) caller.mark('hold', 9000);
    if (endMs === 10_000) caller.turn(0, 6000, 9500);
  }
  return caller;
}

function agentLeg(callId: string): StreamScript {
  const startedAtMs = START_MS + 4250;
  const agent = new StreamScript({ callId, channels: [AGENT], startedAtMs, metadata: { agent: '2', from: 'agent' } });
  for (let endMs = 500; endMs <= 8000; endMs += 500) {
    // A gap takes the place of windows.
    if (endMs > 5500 && endMs <= 6500) continue;
    agent.window(0, endMs, 'happiness', { openTurn: endMs <= 5000 ? { startMs: 500, endMs } : null });
    if (endMs === 4000) agent.mark('transfer', 4000);
    if (endMs === 5500) agent.turn(0, 500, 5000).gap(5500, 6500);
    if (endMs === 7000) agent.alert('calm', 'raised', 7000);
    if (endMs === 7500) agent.alert('calm', 'cleared', 7500);
  }
  return agent;
}

/** The same by hand: the events of both, moved to the call's time and in its order, through one meter. */
function metricsOf(caller: StreamScript, agent: StreamScript, durationMs?: number) {
  const moved = agent.events.map((event): TimelineEvent => {
    const by = 4250;
    if (event.type === 'window') {
      const openTurn = event.openTurn && { startMs: event.openTurn.startMs + by, endMs: event.openTurn.endMs + by };
      return { ...event, channel: 1, startMs: event.startMs + by, endMs: event.endMs + by, openTurn };
    }
    if (event.type === 'turn') return { ...event, channel: 1, startMs: event.startMs + by, endMs: event.endMs + by };
    if (event.type === 'status') return { ...event, startMs: event.startMs! + by, endMs: event.endMs! + by };
    return event;
  });
  const timed = [...caller.events, ...moved].filter(
    (event): event is Extract<TimelineEvent, { endMs: number }> => 'endMs' in event,
  );
  const meter = new CallMeter([CALLER, AGENT]);
  for (const event of timed.sort((a, b) => a.endMs - b.endMs)) meter.next(event);
  if (durationMs !== undefined) {
    meter.next({ type: 'ended', streamId: '', cursor: 0, reason: 'stop', durationMs, channels: [] });
  }
  return meter.metrics();
}

describeStores('a call on several streams', (fixture) => {
  it('is one call, in the time of the first', async () => {
    const store = await fixture.open();
    const { caller, agent } = twoLegs();
    await store.write([...caller.ended(10_000).take(), ...agent.ended(8000).take()]);
    const call = (await store.call('call-1'))!;
    expect((await store.calls({})).calls).toHaveLength(1);
    expect(call).toMatchObject({
      state: 'ended',
      startedAt: new Date(START_MS).toISOString(),
      endedAt: new Date(START_MS + 12_250).toISOString(),
      durationMs: 12_250,
      // Where they differ, what the first said.
      metadata: { caller: '1', agent: '2', from: 'caller' },
      streams: [
        { streamId: caller.opening.streamId, offsetMs: 0, durationMs: 10_000 },
        { streamId: agent.opening.streamId, offsetMs: 4250, durationMs: 8000 },
      ],
      legs: [
        { name: 'caller', streamId: caller.opening.streamId, channel: 0, lowest: { startMs: 0 } },
        { name: 'agent', streamId: agent.opening.streamId, channel: 0, lowest: null },
      ],
      marks: [
        { name: 'transfer', atMs: 8250 },
        { name: 'hold', atMs: 9000 },
      ],
    });
    expect(call.allAlerts).toMatchObject([
      { rule: 'anger', atMs: 8000, sinceMs: 7500, clearedMs: null },
      { rule: 'calm', atMs: 11_250, sinceMs: 10_750, clearedMs: 11_750, cause: 'condition' },
    ]);
    expect(call.allAlerts[1]?.alertId).toBe(
      `${agent.opening.streamId}:${agent.events.findIndex(({ type }) => type === 'alert')}`,
    );
  });

  it('has the metrics of both sides together', async () => {
    const store = await fixture.open();
    const { caller, agent } = twoLegs();
    const truth = metricsOf(caller, agent, 12_250);
    // They spoke at once from 6 s to 9.25 s of the call.
    expect(truth.overtalkMs).toBe(3250);
    await store.write([...caller.ended(10_000).take(), ...agent.ended(8000).take()]);
    expect((await store.call('call-1'))?.metrics).toEqual(truth);
  });

  it('whichever is told first, in whatever batches', async () => {
    const store = await fixture.open();
    const { caller, agent } = twoLegs();
    const truth = metricsOf(caller, agent, 12_250);
    for (const item of agent.ended(8000).take()) await store.write([item]);
    expect(await store.call('call-1')).toMatchObject({ state: 'ended', durationMs: 8000 });
    for (const item of caller.ended(10_000).take()) await store.write([item]);
    const call = await store.call('call-1');
    expect(call).toMatchObject({ state: 'ended', durationMs: 12_250, streams: [{ offsetMs: 0 }, { offsetMs: 4250 }] });
    expect(call?.metrics).toEqual(truth);
  });

  it('goes on until the last of them has ended', async () => {
    const store = await fixture.open();
    const { caller, agent } = twoLegs();
    const [callerItems, agentItems] = [caller.take(), agent.take()];
    // Turn by turn, as they come in.
    for (let index = 0; index < Math.max(callerItems.length, agentItems.length); index += 1) {
      await store.write([callerItems[index], agentItems[index]].filter((item) => item !== undefined));
    }
    expect(await store.call('call-1')).toMatchObject({ state: 'live', metrics: metricsOf(caller, agent) });
    await store.write(caller.ended(10_000).take());
    const half = await store.call('call-1');
    expect(half).toMatchObject({ state: 'live', endedAt: null, streams: [{ endReason: 'stop' }, { endReason: null }] });
    expect(half?.metrics.sides[1]?.talkMs).toBe(4500);
    await store.write(agent.ended(8000).take());
    expect((await store.call('call-1'))?.metrics).toEqual(metricsOf(caller, agent, 12_250));
  });

  it('is lost where one of them is', async () => {
    const store = await fixture.open();
    const { caller, agent } = twoLegs();
    await store.write([...caller.ended(10_000).take(), ...agent.take()]);
    const again = await fixture.reopen();
    const call = await again.call('call-1');
    expect(call).toMatchObject({
      state: 'lost',
      endedAt: new Date(START_MS + 12_250).toISOString(),
      durationMs: 12_250,
    });
    expect(call?.metrics).toEqual(metricsOf(caller, agent));
  });

  it('may go on after its process has ended, on another stream', async () => {
    const store = await fixture.open();
    const { caller, agent } = twoLegs();
    await store.write(caller.take());
    const again = await fixture.reopen();
    await again.write(agent.take());
    expect(await again.call('call-1')).toMatchObject({ state: 'live', metrics: metricsOf(caller, agent) });
    await again.write(agent.ended(8000).take());
    expect(await again.call('call-1')).toMatchObject({ state: 'lost', metrics: metricsOf(caller, agent) });
  });

  it('has the timelines and the points of both', async () => {
    const store = await fixture.open();
    const { caller, agent } = twoLegs();
    await store.write([...agent.take(), ...caller.take()]);
    expect(await store.timeline('call-1')).toEqual([
      { stream: caller.opening, offsetMs: 0, events: caller.texts },
      { stream: agent.opening, offsetMs: 4250, events: agent.texts },
    ]);
    const points = (await store.points('call-1'))!;
    expect(points).toMatchObject({
      callId: 'call-1',
      durationMs: 12_250,
      labels: ['anger', 'happiness', 'neutral', 'sadness'],
    });
    expect(points.legs[1]).toMatchObject({
      streamId: agent.opening.streamId,
      channel: 0,
      channelName: 'agent',
      role: 'employee',
      turns: [{ startMs: 4750, endMs: 9250, label: 'neutral' }],
    });
    expect(points.legs[1]?.points[0]).toEqual({
      endMs: 4750,
      label: 'happiness',
      score: 0.9,
      confidence: 0.8,
      probabilities: [0, 0.9, 0, 0.1],
      arousal: 0.25,
      valence: 0.125,
      speechRatio: 1,
      levelDb: -22.5,
      pitchSemitones: 30.25,
    });
    expect(points.legs.map((leg) => leg.points.length)).toEqual([20, 14]);
  });

  it('two with the same id are two', async () => {
    const store = await fixture.open();
    const first = new StreamScript({ callId: 'call-1', streamId: 'leg', channels: [CALLER] });
    const again = new StreamScript({
      callId: 'call-1',
      streamId: 'leg',
      channels: [CALLER],
      startedAtMs: START_MS + 60_000,
    });
    await store.write(first.window(0, 500).alert('a', 'raised', 500).ended(500).take());
    await store.write(again.window(0, 1000).alert('a', 'raised', 1000).ended(1000).take());
    const call = (await store.call('call-1'))!;
    expect(call).toMatchObject({ durationMs: 61_000, streams: [{ offsetMs: 0 }, { offsetMs: 60_000 }] });
    // The newer one has the name that its event makes; the older one keeps one of its own.
    expect(call.allAlerts.map(({ atMs }) => atMs)).toEqual([500, 61_000]);
    expect(await store.alert('leg:1')).toEqual(call.allAlerts[1]);
    expect(await store.alert(call.allAlerts[0]!.alertId)).toEqual(call.allAlerts[0]);
    expect((await store.timeline('call-1')).map(({ events }) => events)).toEqual([first.texts, again.texts]);
  });
});
