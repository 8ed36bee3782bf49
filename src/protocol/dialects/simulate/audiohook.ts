import type { WireFormat } from '../../limits.ts';
import { binaryFrames } from './binary-frames.ts';
import type { DialectSimulator, TimedMessage } from './simulator.ts';

const SESSION = '30b0e395-84d3-4570-ac13-9a62d8f514c0';
const ORGANIZATION = 'd7934305-0972-4844-938e-9060eef73d05';
const CONVERSATION = '090eaa2f-72fa-480a-83e0-8667ff89c0ec';
/** Ms to the first ping, and between the later ones (reference client). */
const FIRST_PING_MS = 1_000;
const PING_MS = 5_000;

/** Counts the messages of the client: `serverseq` is that of the last answer, as every `open` and every ping has one. */
class Client {
  #seq = 0;
  #serverseq = 0;

  message(atMs: number, type: string, parameters: object, positionMs: number): TimedMessage {
    this.#seq += 1;
    const position = `PT${positionMs / 1000}S`;
    const serverseq = this.#serverseq;
    if (type === 'open' || type === 'ping') this.#serverseq += 1;
    return {
      atMs,
      data: JSON.stringify({ version: '2', id: SESSION, type, seq: this.#seq, serverseq, position, parameters }),
    };
  }
}

/** Genesys AudioHook: an offer of both sides and of each alone, 200 ms a message, pings in between, and a close at the end. */
export const audiohookSimulator: DialectSimulator = {
  name: 'audiohook',
  formats: [
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 2 },
    { encoding: 'mulaw', sampleRateHz: 8_000, channels: 1 },
    { encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 2 },
  ],
  handshake: () => ({
    path: '/v1/telephony/audiohook',
    headers: {
      'audiohook-organization-id': ORGANIZATION,
      'audiohook-session-id': SESSION,
      'audiohook-correlation-id': 'e160e428-53e2-487c-977d-96989bf5c99d',
      'x-api-key': 'SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh',
    },
    subprotocols: [],
    query: {},
  }),
  *messages(format: WireFormat, chunks: Iterable<Uint8Array>): Generator<TimedMessage> {
    const client = new Client();
    const offer = (channels: readonly string[]) => ({
      type: 'audio',
      format: format.encoding === 'mulaw' ? 'PCMU' : 'L16',
      channels,
      rate: 8000,
    });
    const sides = format.channels === 2 ? [['external', 'internal'], ['external'], ['internal']] : [['external']];
    const parameters = {
      organizationId: ORGANIZATION,
      conversationId: CONVERSATION,
      participant: {
        id: '883efee8-3d6c-4537-b500-6d7ca4b92fa0',
        ani: '+1-555-555-1234',
        aniName: 'John Doe',
        dnis: '+1-800-555-6789',
      },
      media: sides.map(offer),
      language: 'en-US',
    };
    yield client.message(0, 'open', parameters, 0);
    let endMs = 0;
    let pingMs = FIRST_PING_MS;
    for (const frame of binaryFrames(format, chunks, 200)) {
      yield frame;
      endMs = frame.atMs;
      if (endMs < pingMs) continue;
      yield client.message(endMs, 'ping', pingMs === FIRST_PING_MS ? {} : { rtt: 'PT0.024S' }, endMs);
      pingMs += PING_MS;
    }
    yield client.message(endMs, 'close', { reason: 'end' }, endMs);
  },
};
