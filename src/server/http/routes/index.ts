import type { Route } from '../route.ts';
import { audioRoutes } from './audio.ts';
import { callRoutes } from './calls.ts';
import { correctionRoutes } from './corrections.ts';
import { deskRoutes } from './desk.ts';
import { healthRoutes } from './health.ts';
import { liveRoutes } from './live.ts';
import { socketRoutes } from './sockets.ts';
import { timelineRoutes } from './timelines.ts';
import { webhookRoutes } from './webhooks.ts';

/** Everything that is answered over plain HTTP, but for the page's files and Socket.IO. */
export const routes: readonly Route[] = [
  ...healthRoutes,
  ...liveRoutes,
  ...callRoutes,
  ...timelineRoutes,
  ...audioRoutes,
  ...correctionRoutes,
  ...deskRoutes,
  ...webhookRoutes,
  ...socketRoutes,
];
