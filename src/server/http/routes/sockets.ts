import * as z from 'zod';
import { UndertoneError } from '../../../errors.ts';
import { excerpt } from '../../../protocol/index.ts';
import { dialectAt } from '../../telephony/endpoint.ts';
import { type Route, route } from '../route.ts';
import { text } from '../schemas/common.ts';

type SocketText = Pick<Route, 'path' | 'summary' | 'description'>;

/** What every route has in common where a WebSocket is asked for. */
const socket = ({ path, summary, description }: SocketText) =>
  ({
    method: 'GET',
    path,
    summary,
    description: `${description} The messages are in docs/asyncapi.yaml.`,
    // Its key is asked for by the upgrade.
    open: true,
    webSocket: true,
    answers: { 101: { description: 'The WebSocket is open.' } },
    errors: [
      'invalid-query',
      'unauthorized',
      'origin-not-allowed',
      'host-not-allowed',
      'upgrade-required',
      'too-many-streams',
      'overloaded',
      'shutting-down',
    ],
  }) as const;

const upgradeRequired = (path: string): never => {
  throw new UndertoneError('upgrade-required', { path });
};

const stream = route({
  ...socket({
    path: '/v1/stream',
    summary: 'Send audio',
    description: 'Opens a WebSocket of the subprotocol undertone.v1.',
  }),
  run: () => upgradeRequired('/v1/stream'),
});

const telephony = route({
  ...socket({
    path: '/v1/telephony',
    summary: 'Be called by any platform',
    description: 'The platform is told from what it says.',
  }),
  run: () => upgradeRequired('/v1/telephony'),
});

const dialect = route({
  ...socket({
    path: '/v1/telephony/:dialect',
    summary: 'Be called by a platform',
    description: "Opens a WebSocket in the platform's own protocol.",
  }),
  params: z.object({ dialect: text(200).meta({ description: 'See docs/dialects.md.' }) }),
  run: ({ params }) => {
    const path = `/v1/telephony/${params.dialect}`;
    if (dialectAt(path) === undefined) throw new UndertoneError('not-found', { path: excerpt(path) });
    return upgradeRequired(path);
  },
});

export const socketRoutes = [stream, telephony, dialect];
