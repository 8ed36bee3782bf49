import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { dialectSimulators } from '../../../src/protocol/index.ts';
import { type RunningServer, signAudiohookRequest, type TelephonyOptions } from '../../../src/server/index.ts';
import { refused, start } from '../harness.ts';

let server: RunningServer;
afterEach(() => server?.close());

const serve = async (telephony: TelephonyOptions = {}, apiKey?: string): Promise<RunningServer> => {
  server = await start({ telephony, ...(apiKey !== undefined && { apiKey }) });
  return server;
};

interface Asked {
  readonly headers?: Record<string, string>;
  readonly protocols?: string[];
}

/** The subprotocol that was answered with, once the socket is open. */
async function accepted(path: string, { headers = {}, protocols = [] }: Asked = {}): Promise<string> {
  const socket = new WebSocket(`${server.url}${path}`, protocols, { headers });
  await once(socket, 'open');
  socket.terminate();
  return socket.protocol;
}

async function refusal(path: string, { headers = {}, protocols = [] }: Asked = {}): Promise<[number, string]> {
  const { status, body } = await refused(`${server.url}${path}`, { headers, protocols });
  return [status, body.code];
}

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('an endpoint of telephony', () => {
  it('is open to this machine where there is no key, and to no page of elsewhere', async () => {
    await serve();
    expect(await accepted('/v1/telephony/twilio')).toBe('');
    expect(await accepted('/v1/telephony/')).toBe('');
    expect(await refusal('/v1/telephony/raw', { headers: { origin: 'https://elsewhere.example' } })).toEqual([
      403,
      'origin-not-allowed',
    ]);
    expect(await refusal('/v1/telephony/twilio', { headers: { host: 'voice.example.com' } })).toEqual([
      403,
      'host-not-allowed',
    ]);
  });

  it.each(dialectSimulators.map(({ name }) => name).filter((name) => name !== 'audiosocket'))(
    'of %s needs the key where there is one, as a bearer token or in the query',
    async (name) => {
      await serve({}, 'k3y');
      const { query, headers } = dialectSimulators
        .find((simulator) => simulator.name === name)!
        .handshake({ encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 });
      const path = `/v1/telephony/${name}?${new URLSearchParams(query)}`;
      expect(await refusal(path, { headers })).toEqual([401, 'unauthorized']);
      expect(await refusal(`${path}&key=wrong`, { headers })).toEqual([401, 'unauthorized']);
      await accepted(path, { headers: { ...headers, authorization: 'Bearer k3y' } });
      await accepted(`${path}&key=k3y`, { headers });
    },
  );

  it('is not there for a dialect that is not, nor for AudioSocket, which is none of WebSockets', async () => {
    await serve();
    for (const path of ['/v1/telephony/morse', '/v1/telephony/audiosocket', '/v1/telephony/twilio/more']) {
      expect(await refusal(path)).toEqual([404, 'not-found']);
    }
  });

  it('tells before the socket is open what is wrong with the URL', async () => {
    await serve();
    expect(await refusal('/v1/telephony/raw?sampleRateHz=fast')).toEqual([400, 'invalid-query']);
    expect(await refusal('/v1/telephony/raw?sampleRateHz=96000')).toEqual([415, 'rate-out-of-range']);
  });

  it('asks for a WebSocket where there is none', async () => {
    await serve();
    const answer = await fetch(`${server.url.replace('ws:', 'http:')}/v1/telephony/twilio`);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([426, 'upgrade-required']);
  });

  it('answers with the subprotocol that the dialect speaks', async () => {
    await serve();
    expect(await accepted('/v1/telephony/jambonz', { protocols: ['other', 'audio.jambonz.org'] })).toBe(
      'audio.jambonz.org',
    );
    expect(await accepted('/v1/telephony', { protocols: ['audio.drachtio.org'] })).toBe('audio.drachtio.org');
    expect(await accepted('/v1/telephony/funasr', { protocols: ['binary'] })).toBe('binary');
  });
});

describe('a request that Twilio signs', () => {
  const TOKEN = '12345678901234567890123456789012';
  /**
   * Base64 of HMAC-SHA1 of the URL, made with OpenSSL:
   * printf %s "$URL" | openssl dgst -sha1 -hmac 12345678901234567890123456789012 -binary | base64
   */
  const SIGNATURES = {
    'wss://voice.example.com/calls/v1/telephony/twilio': '3vONUo4FyGa8rs44wLqgsd7ADcI=',
    'wss://voice.example.com/v1/telephony': 'afIi6vaD+nRTEK6D1lLhk84UvyQ=',
  } as const;
  const signed = (url: keyof typeof SIGNATURES): Asked => ({ headers: { 'x-twilio-signature': SIGNATURES[url] } });

  it('is let in for the public URL, without a key, and no other is', async () => {
    await serve({ twilioAuthTokens: [TOKEN], publicUrl: 'https://voice.example.com/calls' }, 'k3y');
    const mine = signed('wss://voice.example.com/calls/v1/telephony/twilio');
    await accepted('/v1/telephony/twilio', mine);
    expect(await refusal('/v1/telephony/twilio')).toEqual([401, 'unauthorized']);
    expect(await refusal('/v1/telephony/twilio?a=b', mine)).toEqual([401, 'unauthorized']);
    // A signature of Twilio is none of another platform's.
    expect(await refusal('/v1/telephony/telnyx', mine)).toEqual([401, 'unauthorized']);
    await accepted('/v1/telephony/twilio?key=k3y');
  });

  it('is needed even of this machine, once a token is there', async () => {
    await serve({ twilioAuthTokens: [TOKEN] });
    expect(await refusal('/v1/telephony/twilio')).toEqual([401, 'unauthorized']);
    await accepted('/v1/telephony/telnyx');
  });

  it('is checked against what a proxy says only where the proxy is trusted', async () => {
    const { headers } = signed('wss://voice.example.com/v1/telephony');
    const proxied = {
      headers: { ...headers, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'voice.example.com' },
    };
    await serve({ twilioAuthTokens: [TOKEN] });
    expect(await refusal('/v1/telephony', proxied)).toEqual([401, 'unauthorized']);
    await server.close();
    await serve({ twilioAuthTokens: [TOKEN], trustProxy: true });
    await accepted('/v1/telephony', proxied);
  });
});

describe('a request of jambonz with Basic', () => {
  it('is let in with a pair that is known', async () => {
    await serve({ basicAuth: ['jambonz:pass:word', 'other:1'] }, 'k3y');
    await accepted('/v1/telephony/jambonz', { headers: { authorization: basic('jambonz:pass:word') } });
    await accepted('/v1/telephony/freeswitch', { headers: { authorization: basic('other:1') } });
    for (const pair of ['jambonz:pass', 'jambonz', '', ':']) {
      expect(await refusal('/v1/telephony/jambonz', { headers: { authorization: basic(pair) } })).toEqual([
        401,
        'unauthorized',
      ]);
    }
    expect(await refusal('/v1/telephony/azure', { headers: { authorization: basic('other:1') } })).toEqual([
      401,
      'unauthorized',
    ]);
  });
});

describe('a request of AudioHook', () => {
  const SECRET = Buffer.from('a secret of 256 bits, or about it');
  const identity = {
    organizationId: 'd7934305-0972-4844-938e-9060eef73d05',
    sessionId: '30b0e395-84d3-4570-ac13-9a62d8f514c0',
    correlationId: 'e160e428-53e2-487c-977d-96989bf5c99d',
    apiKey: 'the-api-key',
  };
  const open = JSON.stringify({
    version: '2',
    id: identity.sessionId,
    type: 'open',
    seq: 1,
    serverseq: 0,
    position: 'PT0S',
    parameters: {
      organizationId: identity.organizationId,
      conversationId: '090eaa2f-72fa-480a-83e0-8667ff89c0ec',
      participant: { id: '883efee8-3d6c-4537-b500-6d7ca4b92fa0', ani: '', aniName: '', dnis: '' },
      media: [{ type: 'audio', format: 'PCMU', channels: ['external', 'internal'], rate: 8000 }],
    },
  });

  /** Opens a session; the first answer, and how long it took, ms. */
  async function answerTo(headers: Record<string, string>, path = '/v1/telephony/audiohook') {
    const beganAt = performance.now();
    const socket = new WebSocket(`${server.url}${path}`, { headers });
    socket.on('open', () => socket.send(open));
    const [data] = (await once(socket, 'message')) as [Buffer];
    socket.terminate();
    const { type, parameters } = JSON.parse(data.toString()) as { type: string; parameters: { reason?: string } };
    return { type, reason: parameters.reason, tookMs: performance.now() - beganAt };
  }

  const signedFor = (url: string, secret: Buffer = SECRET): Record<string, string> => {
    const created = Math.floor(Date.now() / 1000);
    const lifetime = { created, expires: created + 10, nonce: 'VGhpc0lzQU5vbmNlT2YyMkNo' };
    return signAudiohookRequest(url, identity, secret, lifetime);
  };
  const options = {
    audiohookKeys: { [identity.apiKey]: SECRET.toString('base64') },
    publicUrl: 'wss://voice.example.com',
  };
  const PUBLIC = 'wss://voice.example.com/v1/telephony/audiohook';

  it('that is signed is opened', async () => {
    await serve(options, 'k3y');
    expect(await answerTo(signedFor(PUBLIC))).toMatchObject({ type: 'opened' });
    expect(await answerTo({ authorization: 'Bearer k3y' })).toMatchObject({ type: 'opened' });
    const auto = signedFor('wss://voice.example.com/v1/telephony');
    expect(await answerTo(auto, '/v1/telephony')).toMatchObject({ type: 'opened' });
  });

  it('that is not is told so in its own words, and not at once', async () => {
    await serve(options, 'k3y');
    for (const headers of [{}, signedFor(PUBLIC, Buffer.from('wrong')), signedFor('wss://elsewhere.example/v1')]) {
      const answer = await answerTo(headers);
      expect(answer).toMatchObject({ type: 'disconnect', reason: 'unauthorized' });
      expect(answer.tookMs).toBeGreaterThanOrEqual(490);
    }
    expect(server.openStreams).toBe(0);
  });
});

describe('a target that is no path', () => {
  it('is refused, whatever host it names', async () => {
    await serve();
    const { port } = server;
    const asked = request({
      port,
      path: 'http://voice.example.com/v1/telephony/raw?sampleRateHz=8000',
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-version': '13',
        host: 'voice.example.com',
      },
    }).end();
    const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(403);
  });
});
