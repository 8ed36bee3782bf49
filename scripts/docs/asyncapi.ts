import { stringify } from 'yaml';
import { dialects } from '../../src/protocol/index.ts';
import type { JsonSchema, MessageSchemas } from './json-schemas.ts';

const reference = (path: string) => ({ $ref: `#/${path}` });
const query = (properties: Record<string, object>, required: readonly string[] = []) => ({
  ws: {
    bindingVersion: '0.1.0',
    method: 'GET',
    query: { type: 'object', properties, ...(required.length > 0 && { required }) },
  },
});
const KEY = { key: { type: 'string', description: 'The API key, where headers cannot be set.' } };

/** The protocol over WebSockets as AsyncAPI 3.1, from the server's side: it receives what clients send. */
export function asyncApi({ client, server }: MessageSchemas, version: string): string {
  const message = (name: string, schema: JsonSchema) => ({
    name,
    title: name,
    contentType: 'application/json',
    payload: schema,
  });
  const named = (schemas: Record<string, JsonSchema>, prefix: string) =>
    Object.entries(schemas).map(([type, schema]) => [`${prefix}${capital(type)}`, message(type, schema)] as const);
  const fromClient = named(client, 'send');
  const fromServer = named(server, 'receive');
  const audio = [
    'sendAudio',
    {
      name: 'audio',
      title: 'audio',
      summary:
        'Interleaved audio of the format of start, as a binary message of any length; a sample may span messages.',
      contentType: 'application/octet-stream',
      payload: { type: 'string', format: 'binary' },
    },
  ] as const;
  const list = (messages: readonly (readonly [string, object])[], channel: string) =>
    messages.map(([name]) => reference(`channels/${channel}/messages/${name}`));
  const refs = (messages: readonly (readonly [string, object])[]) =>
    Object.fromEntries(messages.map(([name]) => [name, reference(`components/messages/${name}`)]));
  const subscribed = fromServer.filter(([name]) => !['receiveStarted', 'receiveAck'].includes(name));

  const document = {
    asyncapi: '3.1.0',
    info: {
      title: 'Undertone',
      version,
      description:
        'Audio over WebSockets in, a timeline of emotions out. The subprotocol is `undertone.v1`. Text messages are JSON objects with a `type`, binary messages are audio. Generated from the schemas of `src/protocol`; the prose is in `docs/protocol.md`.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: {
      local: {
        host: '127.0.0.1:8790',
        protocol: 'ws',
        description: 'What `undertone serve` listens on; a key is needed beyond this machine.',
        security: [reference('components/securitySchemes/bearer'), reference('components/securitySchemes/query')],
      },
    },
    channels: {
      stream: {
        address: '/v1/stream',
        title: 'A stream of audio',
        description: 'Send audio, receive its events.',
        messages: { ...refs([...fromClient, audio]), ...refs(fromServer) },
        bindings: query(KEY),
      },
      subscribe: {
        address: '/v1/subscribe',
        title: 'The events of a stream',
        description: 'Receive only: one stream, or all that are live.',
        messages: refs(subscribed),
        bindings: query(
          {
            stream: { type: 'string', description: 'The id of a stream, or * for all that are live.' },
            from: {
              anyOf: [{ type: 'integer', minimum: 0 }, { const: 'start' }],
              description: 'The first cursor wanted, or start; left out: from now on.',
            },
            wait: {
              type: 'string',
              enum: ['true', 'false'],
              description: 'Whether to wait for a stream that is not there.',
            },
            ...KEY,
          },
          ['stream'],
        ),
      },
      telephony: {
        address: '/v1/telephony/{dialect}',
        title: 'A platform of telephony',
        description:
          "The platform's own protocol: docs/dialects.md. Without a dialect, as /v1/telephony, it is told from the handshake and the first message.",
        parameters: {
          dialect: {
            enum: dialects.map(({ name }) => name).filter((name) => name !== 'audiosocket'),
            description: 'The platform.',
          },
        },
        messages: { platform: reference('components/messages/platform') },
        bindings: query({
          callId: { type: 'string', description: 'Joins the legs of a call.' },
          roles: { type: 'string', description: 'Who speaks, in the order of the channels: customer,employee.' },
          channels: { type: 'string', description: 'Names with roles: caller:customer,agent:employee.' },
          events: {
            type: 'string',
            description: 'What goes back over the socket, where the dialect has room: true, or turn,segment.',
          },
          ...KEY,
        }),
      },
    },
    operations: {
      takeAudio: {
        action: 'receive',
        channel: reference('channels/stream'),
        summary: 'What a client sends: start, then audio and marks, then stop.',
        messages: list([...fromClient, audio], 'stream'),
      },
      answerStream: {
        action: 'send',
        channel: reference('channels/stream'),
        summary: 'What whoever sends audio receives.',
        messages: list(fromServer, 'stream'),
      },
      tellSubscribers: {
        action: 'send',
        channel: reference('channels/subscribe'),
        summary: 'What a subscriber receives.',
        messages: list(subscribed, 'subscribe'),
      },
      takeTelephony: {
        action: 'receive',
        channel: reference('channels/telephony'),
        summary: 'What a platform of telephony sends.',
        messages: [reference('channels/telephony/messages/platform')],
      },
    },
    components: {
      messages: {
        ...Object.fromEntries([...fromClient, audio, ...fromServer]),
        platform: {
          name: 'platform',
          title: 'platform',
          summary: "A message of the platform's own protocol.",
          payload: { description: 'See docs/dialects.md.' },
        },
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'Authorization: Bearer KEY' },
        query: { type: 'httpApiKey', in: 'query', name: 'key', description: '?key=KEY, where headers cannot be set.' },
      },
    },
  };
  return `# Generated by npm run docs; do not edit.\n${stringify(document, { lineWidth: 120, aliasDuplicateObjects: false })}`;
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
