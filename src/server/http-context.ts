import type { ModelDescription } from '../protocol/index.ts';
import type { Gate } from './access.ts';
import type { Admission } from './admission.ts';
import type { Analysis } from './analysis.ts';
import type { Beside } from './beside.ts';
import type { Connections } from './connections.ts';
import type { Counts } from './counts.ts';
import {
  Exposition,
  type HttpContext,
  Page,
  type ReadinessFacts,
  Reporter,
  readinessOf,
  Turnstile,
} from './http/index.ts';
import { silentLogger } from './log.ts';
import type { ServerOptions } from './options.ts';
import type { SubscriberContext } from './subscriber-connection.ts';
import { VERSION } from './version.ts';

export interface HttpParts {
  readonly options: ServerOptions;
  /** What every connection is made with. */
  readonly base: SubscriberContext & { readonly model: ModelDescription };
  readonly gate: Gate;
  readonly beside: Beside;
  readonly counts: Counts;
  readonly connections: Connections;
  readonly admission: Admission;
  readonly analyses: Analysis;
  readonly overloadLevel: () => number;
  readonly facts: () => ReadinessFacts;
}

const CALLER_KEY = 'caller';
/** A long call takes tens of megabytes while it is made into a file. */
const REPORTS_AT_ONCE = 4;
const REPORTS_WAITING = 64;

/** What the routes of plain HTTP are made of, from the parts of a server. */
export function httpContext(parts: HttpParts): HttpContext {
  const { options, base, gate, beside, counts, connections, admission, analyses, overloadLevel, facts } = parts;
  const { logger = silentLogger, desk = {}, ui } = options;
  const { kept, webhooks, recordings, reanalysis } = beside;
  const readiness = () => readinessOf(facts());
  const exposition = new Exposition({
    version: VERSION,
    model: base.model,
    counts,
    streams: base.registry,
    connections,
    stats: analyses.stats,
    workerDeaths: () => analyses.deaths,
    overloadLevel,
    ready: () => readiness().status === 'ready',
    ...(kept && { store: () => kept.writer.status }),
    ...(recordings && { recordings: () => recordings.status() }),
    ...(webhooks && { webhooks: () => webhooks.endpoints() }),
  });
  return {
    gate,
    registry: base.registry,
    limits: base.limits,
    clock: base.clock,
    model: base.model,
    counts,
    desk: beside.desk,
    ...(kept && { kept }),
    ...(recordings && { recordings }),
    ...(reanalysis && { reanalysis }),
    ...(webhooks && { webhooks }),
    models: new Map(Object.entries(desk.models ?? {})),
    ...(ui !== undefined && { page: new Page(ui) }),
    callerKey: desk.callerKey ?? CALLER_KEY,
    reporter: new Reporter(),
    reports: new Turnstile(REPORTS_AT_ONCE, REPORTS_WAITING),
    requests: new Turnstile(base.limits.maxRequests),
    exposition,
    readiness,
    draining: () => facts().draining,
    admission,
    connections,
    subscribers: base,
    // Whatever walks by a port asks for what is not there: that is counted, and no news.
    onRejected: ({ code }) => {
      counts.refused.add(code);
      logger.debug({ code }, 'refused');
    },
    logger,
  };
}
