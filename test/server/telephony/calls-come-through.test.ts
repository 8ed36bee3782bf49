import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '../../../src/audio/index.ts';
import { readForPlatform, type SocketAudio } from '../../../src/cli/platform-audio.ts';
import { dialectSimulators } from '../../../src/protocol/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { start } from '../harness.ts';
import { ANALYSIS, analysed, brief, demoCall, Ear, Platform } from './platform.ts';

const SECONDS = 10;
const call = demoCall(SECONDS);
let server: RunningServer;
let ear: Ear;
beforeAll(async () => {
  server = await start({ ...ANALYSIS, telephony: { audioSockets: [{ port: 0 }] } });
  ear = await Ear.of(server);
});
afterAll(async () => {
  ear?.close();
  await server?.close();
  call.remove();
});

/** What `analyze` of the recording gives in the encoding of the platform; where it resamples, of what it sends. */
async function expected(sockets: readonly SocketAudio[]): Promise<string[][]> {
  const [{ format }] = sockets as [SocketAudio];
  const recording = await openRecording(call.path, { encoding: format.encoding });
  try {
    if (recording.format.sampleRateHz !== format.sampleRateHz) return sockets.flatMap(analysed);
    const parts: Uint8Array[] = [];
    for await (const bytes of recording.chunks()) parts.push(bytes.slice());
    return analysed({ format: recording.format, audio: Buffer.concat(parts) });
  } finally {
    await recording.close();
  }
}

const cases = dialectSimulators.map((simulator) => ({ name: simulator.name, simulator }));

describe.each(cases)('a call of $name', ({ name, simulator }) => {
  let sockets: readonly SocketAudio[];
  let sides: string[];
  beforeAll(async () => {
    sockets = await readForPlatform(call.path, simulator);
    sides = brief(await expected(sockets));
  });

  async function play(path: string | undefined, end: (platform: Platform) => Promise<unknown>): Promise<string[]> {
    ear.again();
    const more = path === undefined ? {} : { path };
    await Promise.all(
      sockets.map(async (socket) => {
        const platform = await Platform.dial(server, { simulator, socket, ...more });
        await platform.talk();
        await end(platform);
      }),
    );
    return ear.ends(sockets.length);
  }

  it('gives the windows of its recording on each side when it ends as the platform ends it', async () => {
    const ends = await play(undefined, async (platform) => {
      await platform.farewell();
      expect(await platform.hangUp()).toMatchObject({ code: 1000 });
    });
    expect(new Set(ends)).toEqual(new Set(['stop']));
    expect(sides).toHaveLength(2);
    expect(brief(ear.sides())).toEqual(sides);
  });

  it('gives them when the socket is closed without a word, found out from what it says', async () => {
    // Nothing but the path tells Vobiz from Plivo; AudioSocket has no path.
    await play(name === 'audiosocket' ? undefined : '/v1/telephony', (platform) => platform.hangUp());
    expect(brief(ear.sides())).toEqual(sides);
  });

  it('gives them when the connection is lost', async () => {
    const ends = await play(undefined, async (platform) => {
      await received(platform, name);
      platform.line.drop();
    });
    expect(new Set(ends)).toEqual(new Set(['disconnect']));
    expect(brief(ear.sides())).toEqual(sides);
    expect(server.openStreams).toBe(0);
  });
});

/** Resolves when the server has all that was sent. */
async function received(platform: Platform, name: string): Promise<void> {
  if (name !== 'audiosocket') return platform.line.roundTrip();
  // A key press, which becomes a mark.
  await platform.line.send(Uint8Array.of(0x03, 0, 1, 0x31));
  await ear.until(() => ear.events.filter(({ type }) => type === 'mark').length >= 1);
}
