import * as z from 'zod';
import { UndertoneError } from '../../../errors.ts';
import { parseSubscribeQuery, type SubscribeQuery } from '../../query.ts';
import { SubscriberConnection } from '../../subscriber-connection.ts';
import { answer, json } from '../answer.ts';
import type { HttpContext } from '../context.ts';
import { type RouteInput, route } from '../route.ts';
import { oneOf, text } from '../schemas/common.ts';
import { floorSnapshot } from '../schemas/desk.ts';
import { EVENT_STREAM_HEADERS, EventStream } from '../sse/event-stream.ts';
import { FloorConnection } from '../sse/floor-connection.ts';

const streams = route({
  method: 'GET',
  path: '/v1/streams',
  summary: 'Calls that go on',
  answers: { 200: { description: 'Every live call, with its sides and its alerts.', schema: floorSnapshot } },
  run: async (_, { desk }) => json(await desk.floor.snapshot()),
});

const floor = route({
  method: 'GET',
  path: '/v1/floor',
  summary: 'Watch the calls that go on',
  description:
    'Server-sent events: first `floor`, a FloorSnapshot; then, once a second at most, `changes`, each a FloorChanges. A reader that is too slow gets `floor` anew once it has caught up.',
  answers: { 200: { description: 'The events.', mediaTypes: ['text/event-stream'] } },
  errors: ['shutting-down', 'too-many-subscribers'],
  run: (input, context) => {
    const { desk, clock, limits, admission, connections, onRejected } = context;
    admission.watcher();
    if (input.head) return answer(200, null, EVENT_STREAM_HEADERS);
    const stream = new EventStream({
      outgoing: input.outgoing,
      limits,
      clock,
      ids: false,
      onGone: () => connections.remove(watcher),
    });
    const watcher: FloorConnection = new FloorConnection(stream, {
      floor: desk.floor,
      clock,
      limitBytes: limits.outgoingBytes,
      onRejected,
    });
    connections.add(watcher, 'subscriber');
    return undefined;
  },
});

const subscribeQuery = z.object({
  // Missing, it is an error only of those who do not ask for a WebSocket.
  stream: text(300)
    .exactOptional()
    .meta({ description: 'The id of a stream, or * for all that are live.', wanted: true }),
  from: text(20).exactOptional().meta({ description: 'The first cursor wanted, or start; left out: from now on.' }),
  wait: oneOf(['true', 'false'])
    .exactOptional()
    .meta({ description: 'Whether to wait for a stream that is not there.' }),
});

const subscribe = route({
  method: 'GET',
  path: '/v1/subscribe',
  summary: 'Follow a stream',
  description:
    'With `Accept: text/event-stream`: server-sent events, the JSON of each being what a WebSocket would say; the id of an event is its cursor, and `Last-Event-ID` goes on behind it. Ends after `ended`; a reader that comes back for more is answered 204. Otherwise a WebSocket of the subprotocol undertone.v1 is to be asked for; its messages are in docs/asyncapi.yaml.',
  query: subscribeQuery,
  headers: { 'Last-Event-ID': 'The last cursor that was seen; over from of the query.' },
  answers: {
    101: { description: 'The WebSocket is open.' },
    200: { description: 'The events.', mediaTypes: ['text/event-stream'] },
    204: { description: 'The stream has ended, and nothing of it is left to say.' },
  },
  errors: ['unknown-stream', 'upgrade-required', 'shutting-down', 'too-many-subscribers'],
  run: (input, context) => {
    if (!wantsEvents(input.headers.accept)) throw new UndertoneError('upgrade-required', { path: '/v1/subscribe' });
    const lastSeen = input.headers['last-event-id'];
    const query = withLastSeen(parseSubscribeQuery(new URLSearchParams(input.query)), lastSeen, context);
    const over = lastSeen !== undefined && nothingLeft(query, context);
    if (over) return answer(204, null);
    context.admission.subscriber(query);
    if (input.head) return answer(200, null, EVENT_STREAM_HEADERS);
    follow(input, query, context);
    return undefined;
  },
});

function follow(
  { outgoing }: Pick<RouteInput<never, never, never>, 'outgoing'>,
  query: SubscribeQuery,
  { limits, clock, connections, subscribers }: HttpContext,
): void {
  const stream = new EventStream({
    outgoing,
    limits,
    clock,
    ids: !query.everything,
    onGone: () => connections.remove(subscriber),
  });
  const subscriber: SubscriberConnection = new SubscriberConnection(stream, query, subscribers);
  connections.add(subscriber, 'subscriber');
}

/** Whether somebody asks for events before anything else; who takes anything asks for a page. */
const wantsEvents = (accept: string | undefined): boolean =>
  (accept ?? '').split(',').some((part) => part.split(';')[0]?.trim().toLowerCase() === 'text/event-stream');

function withLastSeen(
  query: SubscribeQuery,
  lastSeen: string | string[] | undefined,
  { registry }: HttpContext,
): SubscribeQuery {
  if (query.everything || lastSeen === undefined || lastSeen === '') return query;
  if (typeof lastSeen !== 'string' || !/^\d{1,15}$/.test(lastSeen)) {
    throw new UndertoneError('invalid-query', { detail: 'Last-Event-ID must be a cursor' });
  }
  const seen = Number(lastSeen);
  const hub = registry.get(query.streamId)?.hub;
  // A cursor that has not come yet is of another run of the stream, whose id has come again.
  return { ...query, from: hub === undefined || seen >= hub.history.nextCursor ? 'start' : seen + 1 };
}

/** An EventSource comes back whenever its stream ends, until it is told that there is no more. */
function nothingLeft(query: SubscribeQuery, { registry }: HttpContext): boolean {
  if (query.everything || typeof query.from !== 'number') return false;
  const hub = registry.get(query.streamId)?.hub;
  return hub?.ended === true && query.from >= hub.history.nextCursor;
}

export const liveRoutes = [streams, floor, subscribe];
