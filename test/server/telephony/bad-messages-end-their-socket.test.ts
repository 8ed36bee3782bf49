import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readForPlatform } from '../../../src/cli/platform-audio.ts';
import { type DialectSimulator, dialectSimulators, type ServerEvent } from '../../../src/protocol/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { audio, MONO, Peer, start } from '../harness.ts';
import { ANALYSIS, analysed, brief, demoCall, Ear, Platform, sidesIn } from './platform.ts';

const call = demoCall(4);
let server: RunningServer;
/** Streams all the while, and must not notice. */
let witness: Peer;
const witnessAudio: Uint8Array[] = [];
const { windowMs, stepMs } = ANALYSIS;
beforeAll(async () => {
  server = await start({ ...ANALYSIS, telephony: { audioSockets: [{ port: 0 }] } });
  witness = await Peer.started(server, { streamId: 'witness', analysis: { windowMs, stepMs } });
});
afterAll(async () => {
  await server?.close();
  call.remove();
});

/** Plays the first half of a call, then goes on as told; what came of it until its socket was closed. */
async function playHalf(simulator: DialectSimulator, then: (platform: Platform) => Promise<unknown>) {
  const [socket] = await readForPlatform(call.path, simulator);
  const ear = await Ear.of(server);
  const heardBefore = witness.of('window').length;
  const platform = await Platform.dial(server, { simulator, socket: socket! });
  await platform.talk(0.5);
  await then(platform);
  const end = await platform.line.closed;
  const isMine = (event: ServerEvent) => 'streamId' in event && event.streamId !== 'witness';
  const open = () => new Set(ear.events.filter(isMine).flatMap((event) => ('cursor' in event ? [event.streamId] : [])));
  const ended = () => ear.events.filter((event) => isMine(event) && event.type === 'ended');
  await ear.until(() => ended().length > 0 && ended().length === open().size && server.openStreams === 1);
  const mine = ear.events.filter(isMine);
  ear.close();
  const more = audio(0.5, MONO);
  witnessAudio.push(more);
  witness.send(more);
  await witness.until(() => witness.of('window').length > heardBefore);
  return { end, ended: ended(), heard: sidesIn(mine), expected: analysed(socket!), replies: platform.replies };
}

function expectFlushed({ ended, heard, expected }: Awaited<ReturnType<typeof playHalf>>): void {
  for (const event of ended) {
    expect(event).toMatchObject({ type: 'ended', reason: 'error' });
    // Half of the messages, with what a platform sends before its audio.
    expect(event.type === 'ended' && event.durationMs).toBeGreaterThan(1_700);
    expect(event.type === 'ended' && event.durationMs).toBeLessThanOrEqual(2_200);
  }
  expect(heard).toHaveLength(expected.length);
  for (const side of heard) {
    expect(side.length).toBeGreaterThanOrEqual(7);
    // The last window is that of the flush; a frame that was on its way out of order may be missing in the one before.
    const begun = side.slice(0, -2);
    expect(brief(expected.map((windows) => windows.slice(0, begun.length)))).toContain(brief([begun])[0]);
  }
}

const named = dialectSimulators.map((simulator) => ({ name: simulator.name, simulator }));
const only = (names: readonly string[]) => named.filter(({ name }) => names.includes(name));
const without = (names: readonly string[]) => named.filter(({ name }) => !names.includes(name));
/** Texts may be anything at all there, or are none of this server's business. */
const ANY_TEXT = ['asterisk', 'freeswitch', 'jambonz', 'raw', 'audiosocket'];

describe.each(without(['audiosocket']))('$name', ({ simulator }) => {
  it('is closed with its error for a message over the limit, and what came before it is analysed', async () => {
    const played = await playHalf(simulator, (platform) => platform.line.send(new Uint8Array(1_048_577)));
    expect(played.end.code).toBe(1009);
    expect(played.end.reason).toMatch(/^message-too-large: The message is over the limit of 1048576 bytes; /);
    expectFlushed(played);
  });
});

describe.each(without([...ANY_TEXT, 'audiohook']))('$name', ({ simulator }) => {
  it('is closed with its error for a text that is no JSON, and what came before it is analysed', async () => {
    const played = await playHalf(simulator, (platform) => platform.line.send('{"event": '));
    expect(played.end.code).toBe(4400);
    expect(played.end.reason).toMatch(/^not-json: The text message is not JSON; /);
    expect(Buffer.byteLength(played.end.reason)).toBeLessThanOrEqual(123);
    expectFlushed(played);
  });
});

describe.each(only(['audiohook']))('$name', ({ simulator }) => {
  it('is told in its own words, and hangs up itself', async () => {
    const played = await playHalf(simulator, async (platform) => {
      await platform.line.send('{"version":"2"}');
      while (platform.replies.length < 2) await new Promise((resolve) => setImmediate(resolve));
      platform.line.hangUp();
    });
    expect(JSON.parse(String(played.replies.at(-1)))).toMatchObject({
      type: 'disconnect',
      parameters: { reason: 'error', info: expect.stringContaining('Client Error') },
    });
    expect(played.ended).toEqual([expect.objectContaining({ reason: 'disconnect' })]);
  });
});

describe.each(only(['audiosocket']))('$name', ({ simulator }) => {
  it('is closed for what it cannot have sent, and what came before it is analysed', async () => {
    const uuidOfOneByte = Uint8Array.of(0x01, 0, 1, 7);
    const played = await playHalf(simulator, (platform) => platform.line.send(uuidOfOneByte));
    expectFlushed(played);
  });
});

describe('the witness of all this', () => {
  it('got the windows of its audio and nothing else', async () => {
    witness.json({ type: 'stop' });
    expect(await witness.closed()).toBe(1000);
    expect(witness.of('error')).toEqual([]);
    const direct = analysed({ format: MONO, audio: Buffer.concat(witnessAudio) });
    expect(brief(sidesIn(witness.events))).toEqual(brief(direct));
  });
});
