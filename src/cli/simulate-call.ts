import { randomBytes } from 'node:crypto';
import { UndertoneError } from '../errors.ts';
import { type ChannelRequest, type DialectSimulator, dialectSimulators, wireFrameBytes } from '../protocol/index.ts';
import { Pace } from './pacing.ts';
import { readForPlatform, type SocketAudio } from './platform-audio.ts';
import { playCall } from './platform-call.ts';
import type { SimulateOptions } from './simulate.ts';
import { stdout } from './stdout.ts';
import { printable } from './terminal.ts';

/** Who speaks on the channels of a recording where nobody says: the customer first, as platforms have it. */
const USUAL_ROLES = ['customer', 'employee'] as const;

/** `undertone simulate` */
export async function simulate(
  dialect: string,
  path: string,
  options: SimulateOptions,
  signal: AbortSignal,
): Promise<void> {
  const simulator = dialectSimulators.find(({ name }) => name === dialect);
  if (simulator === undefined) throw new UndertoneError('usage', { detail: `There is no simulation of ${dialect}.` });
  const base = new URL(options.url);
  if ((base.protocol === 'tcp:') !== (dialect === 'audiosocket')) {
    const detail =
      dialect === 'audiosocket'
        ? 'AudioSocket is no WebSocket: give the port that serve --audiosocket-port listens on, as tcp://127.0.0.1:9092.'
        : `The platform ${dialect} dials WebSockets: give a URL such as ws://127.0.0.1:8790.`;
    throw new UndertoneError('usage', { detail });
  }
  if (dialect === 'audiosocket' && (options.channels !== undefined || options.query !== undefined)) {
    throw new UndertoneError('usage', {
      detail:
        'AudioSocket has no URL that could say it: leave out --channels and --query; the port says who speaks, with serve --audiosocket-port 9092?roles=customer.',
    });
  }
  const sockets = await readForPlatform(path, simulator);
  const beganAt = performance.now();
  const pace = options.speed === 'max' ? {} : { pace: new Pace(options.speed) };
  await Promise.all(
    sockets.map(async ({ channels, format, audio }) => {
      const { headers, subprotocols } = simulator.handshake(format);
      const part = { channels, format, audio, ofSeveral: sockets.length > 1 };
      const url = urlOf(base, simulator, part, options);
      await playCall({
        simulator,
        format,
        audio,
        url,
        subprotocols,
        headers: { ...headers, ...(await credentialsOf(dialect, url, headers, options)) },
        signal,
        ...pace,
        ...(options.replies && { onReply: (data) => void stdout.write(`${replyLine(data)}\n`) }),
      });
      const seconds = audio.length / wireFrameBytes(format) / format.sampleRateHz;
      const layout = `${format.encoding} at ${format.sampleRateHz} Hz, ${channels.length === 1 ? 'one side' : `${channels.length} channels`}`;
      const tookSeconds = (performance.now() - beganAt) / 1000;
      await stdout.write(`${dialect}: ${seconds.toFixed(1)} s of ${layout}, sent in ${tookSeconds.toFixed(1)} s\n`);
    }),
  );
}

const replyLine = (data: string | Uint8Array): string =>
  typeof data === 'string' ? printable(data) : `${data.length} bytes`;

/** What one socket carries, and whether the call has other sockets. */
interface CallPart extends SocketAudio {
  readonly ofSeveral: boolean;
}

/** The URL that the platform dials: of the server, with the dialect's path unless it has one of telephony already. */
function urlOf(base: URL, simulator: DialectSimulator, socket: CallPart, options: SimulateOptions): URL {
  const { path, query } = simulator.handshake(socket.format);
  const url = new URL(base);
  if (!url.pathname.includes('/v1/telephony')) url.pathname = url.pathname.replace(/\/+$/, '') + path;
  const set = (name: string, value: string): void => {
    if (!base.searchParams.has(name)) url.searchParams.set(name, value);
  };
  for (const [name, value] of Object.entries(query)) set(name, value);
  for (const [name, value] of Object.entries(speakers(socket, query, options.channels))) set(name, value);
  for (const [name, value] of new URLSearchParams(options.query ?? '')) url.searchParams.set(name, value);
  return url;
}

/** What the query says of who speaks: names and roles that were asked for, and the roles of sides that have a socket each. */
function speakers(
  { channels, ofSeveral }: CallPart,
  { roles: usual, channels: counted }: Readonly<Partial<Record<string, string>>>,
  asked: readonly ChannelRequest[] | undefined,
): Record<string, string> {
  if (asked === undefined) {
    const [side] = channels;
    // One socket alone may carry both sides mixed: where the platform does not say whose it is, neither does this.
    return channels.length === 1 && side !== undefined && (ofSeveral || usual !== undefined)
      ? { roles: USUAL_ROLES[side] ?? 'unknown' }
      : {};
  }
  const named = channels.flatMap((channel) => asked[channel] ?? []);
  if (named.length < channels.length) {
    throw new UndertoneError('usage', {
      detail: `Name every channel of the recording: --channels has ${asked.length}.`,
    });
  }
  const names = named.map(({ name }) => name).join(',');
  const roles = named.map(({ role = 'unknown' }) => role).join(',');
  // Where `channels` is their number, `names` are the names.
  return { roles, names, ...(counted === undefined && { channels: names }) };
}

async function credentialsOf(
  dialect: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  { apiKey, secret }: SimulateOptions,
): Promise<Record<string, string>> {
  const bearer: Record<string, string> = apiKey ? { authorization: `Bearer ${apiKey}` } : {};
  if (!secret) return bearer;
  switch (dialect) {
    case 'twilio': {
      const { twilioSignature } = await import('../server/index.ts');
      return { ...bearer, 'x-twilio-signature': twilioSignature(secret, url.href) };
    }
    case 'audiohook': {
      const { signAudiohookRequest } = await import('../server/index.ts');
      const created = Math.floor(Date.now() / 1000);
      const identity = {
        organizationId: headers['audiohook-organization-id'] ?? '',
        sessionId: headers['audiohook-session-id'] ?? '',
        correlationId: headers['audiohook-correlation-id'] ?? '',
        apiKey: headers['x-api-key'] ?? '',
      };
      const lifetime = { created, expires: created + 10, nonce: randomBytes(18).toString('base64url') };
      const signed = signAudiohookRequest(url.href, identity, Buffer.from(secret, 'base64'), lifetime);
      return { ...bearer, ...signed };
    }
    case 'jambonz':
    case 'freeswitch':
    case 'asterisk':
      return { authorization: `Basic ${Buffer.from(secret).toString('base64')}` };
    default:
      throw new UndertoneError('usage', { detail: `The platform ${dialect} has no secret of its own; use --api-key.` });
  }
}
