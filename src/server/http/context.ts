import type { UndertoneError } from '../../errors.ts';
import type { ModelDescription } from '../../protocol/index.ts';
import type { Store, StoreWriter } from '../../store/index.ts';
import type { Gate } from '../access.ts';
import type { Admission } from '../admission.ts';
import type { Clock } from '../clock.ts';
import type { Connections } from '../connections.ts';
import type { Counts } from '../counts.ts';
import type { Desk } from '../desk/index.ts';
import type { ServerLimits } from '../limits.ts';
import type { Logger } from '../log.ts';
import type { Reanalysis, Recordings } from '../recordings/index.ts';
import type { Registry } from '../registry.ts';
import type { SubscriberContext } from '../subscriber-connection.ts';
import type { Webhooks } from '../webhooks/index.ts';
import type { Exposition } from './metrics/exposition.ts';
import type { Page } from './page.ts';
import type { Readiness } from './readiness.ts';
import type { Reporter } from './reports/reporter.ts';
import type { Turnstile } from './turnstile.ts';

/** The store of a server, and what brings the streams to it. */
export interface KeptCalls {
  readonly store: Store;
  readonly writer: StoreWriter;
}

/** What the routes are made of. */
export interface HttpContext {
  readonly gate: Gate;
  readonly registry: Registry;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  readonly model: ModelDescription;
  readonly counts: Counts;
  readonly desk: Desk;
  readonly kept?: KeptCalls;
  readonly recordings?: Recordings;
  readonly reanalysis?: Reanalysis;
  /** Folders of models that a recording can be analysed with again, by name. */
  readonly models: ReadonlyMap<string, string>;
  readonly webhooks?: Webhooks;
  readonly page?: Page;
  /** The key of the metadata that says who called. */
  readonly callerKey: string;
  readonly reporter: Reporter;
  /** Whole calls are read and made into files so many at once. */
  readonly reports: Turnstile;
  readonly requests: Turnstile;
  readonly exposition: Exposition;
  readonly readiness: () => Readiness;
  readonly draining: () => boolean;
  readonly admission: Admission;
  readonly connections: Connections;
  readonly subscribers: SubscriberContext;
  readonly onRejected: (error: UndertoneError) => void;
  readonly logger: Logger;
}
