import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Peer } from '../server/harness.ts';
import { demoCall } from '../server/telephony/platform.ts';
import { type ServerProcess, serve } from './server.ts';
import { jsonLines, outcome, start, undertone } from './undertone.ts';

const call = demoCall(5);
let server: ServerProcess;
beforeAll(async () => {
  server = await serve(['--log-level', 'silent', '--workers', '0']);
});
afterAll(async () => {
  await server.stop();
  call.remove();
});

const simulate = (dialect: string, ...args: string[]): ReturnType<typeof undertone> =>
  undertone(['simulate', dialect, call.path, '--url', server.url, ...args]);

/** Windows by the role of who speaks, without what depends on the run. */
function sides(events: readonly object[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const event of events) {
    const {
      type,
      streamId: _,
      cursor: __,
      latencyMs: ___,
      channel: ____,
      channelName: _____,
      role,
      ...window
    } = event as Record<string, unknown>;
    if (type === 'window') found.set(String(role), [...(found.get(String(role)) ?? []), JSON.stringify(window)]);
  }
  return found;
}

/** What everyone hears of a simulated call, once so many streams have ended. */
async function watched(run: () => ReturnType<typeof undertone>, streams: number) {
  const watcher = await Peer.open(`${server.url}/v1/subscribe?stream=*`);
  const ran = await run();
  await watcher.until(() => watcher.of('ended').length >= streams);
  watcher.socket.terminate();
  return { ...ran, heard: watcher.events };
}

const analyze = async (value: string, option = '--encoding'): Promise<Map<string, string[]>> => {
  const channels = ['--channels', 'a:customer,b:employee', option, value, '--format', 'jsonl'];
  return sides(jsonLines((await undertone(['analyze', call.path, '--model', server.model, ...channels])).stdout));
};

describe('undertone simulate', () => {
  it('twilio: the windows of each side are those of analyze in its encoding', async () => {
    const { status, stdout, stderr, heard } = await watched(() => simulate('twilio', '--speed', 'max'), 1);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^twilio: 5\.0 s of mulaw at 8000 Hz, 2 channels, sent in \d+\.\d s\n$/);
    const expected = await analyze('mulaw');
    expect([...expected.keys()].sort()).toEqual(['customer', 'employee']);
    expect(sides(heard)).toEqual(expected);
  });

  it('asterisk: a socket for each side, with the roles that were asked for', async () => {
    const named = ['--speed', 'max', '--channels', 'b:employee,a:customer'];
    const { status, stdout, heard } = await watched(() => simulate('asterisk', ...named), 2);
    expect(status).toBe(0);
    expect(stdout.match(/^asterisk: 5\.0 s of mulaw at 8000 Hz, one side, /gm)).toHaveLength(2);
    const expected = await analyze('mulaw');
    expect(sides(heard).get('employee')).toEqual(expected.get('customer'));
    expect(sides(heard).get('customer')).toEqual(expected.get('employee'));
  });

  it.each(['exotel', 'vonage', 'funasr', 'sinch', 'livekit'])(
    '%s: a socket for each side, told apart by their roles',
    async (dialect) => {
      const { status, stderr, heard } = await watched(() => simulate(dialect, '--speed', 'max'), 2);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const found = sides(heard);
      expect([...found.keys()].sort()).toEqual(['customer', 'employee']);
      expect(found.get('customer')).not.toEqual(found.get('employee'));
    },
  );

  it('exotel: as --channels says, at its rate the windows of analyze', async () => {
    const named = ['--speed', 'max', '--channels', 'b:employee,a:customer'];
    const { status, heard } = await watched(() => simulate('exotel', ...named), 2);
    expect(status).toBe(0);
    const expected = await analyze('pcm_s16le');
    expect(sides(heard).get('employee')).toEqual(expected.get('customer'));
    expect(sides(heard).get('customer')).toEqual(expected.get('employee'));
  });

  it.each([
    ['azure', 1],
    ['livekit', 2],
  ])('%s: the windows of each side are those of analyze --as, whatever its rate', async (dialect, streams) => {
    const named = ['--speed', 'max', '--query', streams === 1 ? 'roles=customer,employee' : ''];
    const { status, stderr, heard } = await watched(() => simulate(dialect, ...named), streams);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const expected = await analyze(dialect, '--as');
    expect([...expected.keys()].sort()).toEqual(['customer', 'employee']);
    expect(sides(heard)).toEqual(expected);
    // At the recording's own 8 kHz there are others.
    expect(expected).not.toEqual(await analyze('pcm_s16le'));
  });

  it('analyze --as: one sentence for a platform that is none, and for two encodings', async () => {
    const none = await undertone(['analyze', call.path, '--as', 'morse']);
    expect(none).toMatchObject({ status: 2, stderr: expect.stringMatching(/'morse' is invalid/) });
    const two = await undertone(['analyze', call.path, '--as', 'azure', '--encoding', 'mulaw']);
    expect(two).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^undertone: Give --as or --encoding: [^\n]*\n$/),
    });
  });

  it('at a speed, sends nothing before the platform could', async () => {
    const began = performance.now();
    expect((await simulate('vonage', '--speed', '5')).status).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(1_000);
  });

  it('--replies shows what the server answers', async () => {
    const { status, stdout } = await simulate('audiohook', '--speed', 'max', '--replies', '--query', 'events=ended');
    expect(status).toBe(0);
    const types = stdout.split('\n').flatMap((line) => /"type":"(opened|pong|event|closed)"/.exec(line)?.[1] ?? []);
    expect(types[0]).toBe('opened');
    expect(types.slice(-2)).toEqual(['event', 'closed']);
    expect(stdout).toContain('"type":"x-undertone-ended"');
  });

  it('is interrupted by Ctrl-C', async () => {
    const child = start(['simulate', 'twilio', call.path, '--url', server.url]);
    const ended = outcome(child);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 130, stderr: 'undertone: Interrupted.\n' });
  });

  it.each<[string, string[], number, RegExp]>([
    ['a platform that is none', ['morse', '--url', 'ws://x'], 2, /'morse' is invalid.*Allowed choices are twilio, /],
    ['no --url', ['twilio'], 2, /required option '--url <url>' not specified/],
    ['a URL that is none', ['twilio', '--url', 'http://x'], 2, /Give a URL such as ws:/],
    ['AudioSocket over a WebSocket', ['audiosocket', '--url', 'ws://x'], 2, /AudioSocket is no WebSocket/],
    [
      '--channels to AudioSocket',
      ['audiosocket', '--url', 'tcp://127.0.0.1:9', '--channels', 'a,b'],
      2,
      /AudioSocket has no URL that could say it.*the port says who speaks/,
    ],
    [
      '--query to AudioSocket',
      ['audiosocket', '--url', 'tcp://127.0.0.1:9', '--query', 'roles=bot'],
      2,
      /leave out --channels and --query/,
    ],
    ['a WebSocket over TCP', ['twilio', '--url', 'tcp://x:1'], 2, /The platform twilio dials WebSockets/],
    [
      'no server',
      ['twilio', '--url', 'ws://127.0.0.1:9'],
      1,
      /No connection to ws:\/\/127\.0\.0\.1:9\/v1\/telephony\/twilio: ECONN/,
    ],
    [
      'a secret that the platform has not',
      ['azure', '--url', 'ws://x', '--secret', 's'],
      2,
      /azure has no secret of its own/,
    ],
    ['too few names', ['twilio', '--url', 'ws://x', '--channels', 'a'], 2, /Name every channel of the recording/],
  ])('%s: one sentence', async (_, [dialect = '', ...args], expected, sentence) => {
    const { status, stdout, stderr } = await undertone(['simulate', dialect, call.path, ...args]);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
  });

  it('a file that is none: one sentence', async () => {
    const { status, stderr } = await undertone(['simulate', 'twilio', 'nowhere.wav', '--url', server.url]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'undertone: nowhere.wav does not exist.\n' });
  });

  it.each([
    ['sampleRateHz=1', /^undertone: A sample rate of 1 Hz is not supported; [^\n]*\n$/],
    ['encoding=mp3', /^undertone: [^\n]*mp3[^\n]*\n$/],
  ])('a query that the server refuses (%s): its sentence, and it is no wrong command line', async (query, sentence) => {
    const { status, stderr } = await simulate('raw', '--query', query);
    expect(stderr).toMatch(sentence);
    expect(status).toBe(1);
  });
});

describe('a server that knows the secrets of platforms', () => {
  const AUDIOHOOK_KEY = 'SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh';
  const AUDIOHOOK_SECRET = Buffer.from('a secret').toString('base64');
  let locked: ServerProcess;
  beforeAll(async () => {
    locked = await serve(['--log-level', 'silent', '--workers', '0', '--audiosocket-port', '0?roles=customer'], {
      env: {
        UNDERTONE_API_KEY: 'k3y',
        UNDERTONE_TWILIO_AUTH_TOKEN: 'old,t0ken',
        UNDERTONE_AUDIOHOOK_KEY: `${AUDIOHOOK_KEY}:${AUDIOHOOK_SECRET}`,
        UNDERTONE_BASIC_AUTH: 'jambonz:pass',
      },
    });
  });
  afterAll(() => locked.stop());

  const call1 = (dialect: string, secret: string) =>
    undertone(['simulate', dialect, call.path, '--url', locked.url, '--speed', 'max', '--secret', secret]);

  it.each([
    ['twilio', 't0ken', 'wrong', /^undertone: The API key is missing or wrong; /],
    ['audiohook', AUDIOHOOK_SECRET, 'd3Jvbmc=', /^undertone: The server has refused the call: unauthorized\.\n$/],
    ['jambonz', 'jambonz:pass', 'jambonz:past', /^undertone: The API key is missing or wrong; /],
  ])('lets %s in with its own, and not with another', async (dialect, right, wrong, sentence) => {
    expect(await call1(dialect, right)).toMatchObject({ status: 0, stderr: '' });
    const refused = await call1(dialect, wrong);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(sentence);
  });
});
