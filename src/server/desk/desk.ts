import { UndertoneError } from '../../errors.ts';
import {
  type AlertHandling,
  type CallAlert,
  type DeskSettings,
  excerpt,
  type ModelDescription,
} from '../../protocol/index.ts';
import type { KeptTimeline, Store } from '../../store/index.ts';
import type { AlertRule } from '../../streams/index.ts';
import { type Logger, silentLogger } from '../log.ts';
import type { Tap } from '../taps.ts';
import { AlertBook } from './alert-book.ts';
import { type AlertDesk, Alerts } from './alert-desk.ts';
import { tellLost } from './handling-keeper.ts';
import { LiveCalls, type LiveFloor } from './live-calls.ts';
import { withheldRoles } from './policy.ts';
import { Retention } from './retention.ts';
import { type RulesDesk, RulesHolder } from './rules-holder.ts';
import { Settings, type SettingsDesk } from './settings.ts';

export interface DeskOptions {
  readonly model: ModelDescription;
  readonly store?: Store;
  /** Whether all that has happened so far is in the store, within so many ms; `StoreWriter.flush`. */
  readonly flush?: (limitMs: number) => Promise<boolean>;
  /** Rules to begin with, where there are none in a file or in the store. */
  readonly rules?: readonly AlertRule[];
  /** The file that rules are read from, and written to. */
  readonly rulesFile?: string;
  /** The events of a call, to try rules on; default: from the store. */
  readonly timeline?: (callId: string) => Promise<readonly KeptTimeline[]>;
  /** What the settings tell and the desk does not decide. */
  readonly facts: Pick<DeskSettings, 'version' | 'models' | 'recording' | 'keyRequired'> & {
    /** Asked whenever the settings are. */
    readonly store: () => DeskSettings['store'];
  };
  /** What the retention is until somebody changes it; default: kept until erased. */
  readonly retentionDays?: number | null;
  /** Removes files of recordings whose calls were erased. */
  readonly removeRecordings?: (files: readonly string[]) => Promise<void>;
  /** These calls were erased because of their age. */
  readonly onErased?: (callIds: readonly string[]) => void;
  /** Somebody did something with an alert that changed how it stands; of a request that comes twice once. */
  readonly onHandled?: (alert: CallAlert, handling: AlertHandling) => void;
  readonly logger?: Logger;
  /** ms since 1970; default: the wall clock. */
  readonly now?: () => number;
  /** From one look to the next, ms: at the live calls and the file of rules, at the age of calls. For tests. */
  readonly everyMs?: { readonly floor?: number; readonly file?: number; readonly retention?: number };
}

/** What supervisors see and decide, beside the streams that go on. */
export interface Desk {
  /** To be among the taps of the registry. */
  readonly tap: Tap;
  readonly floor: LiveFloor;
  readonly alerts: AlertDesk;
  readonly rules: RulesDesk;
  readonly settings: SettingsDesk;
  /** Calls were erased on demand: what is remembered of them is forgotten. */
  forget(callIds: readonly string[]): void;
  close(): Promise<void>;
}

/** Cleared alerts that are remembered, with a store or without. */
const ALERTS_KEPT = 2_000;
const CLOSE_MS = 2_000;
const FLUSH_MS = 2_000;

/**
 * To be opened before the registry.
 *
 * @throws UndertoneError `rules-invalid`, `file-missing`, `file-unreadable`, `store-unavailable`, `store-unreadable`
 * @example
 * const desk = await openDesk({ model, store, rulesFile, facts });
 * const registry = new Registry({ rules: () => desk.rules.judged, taps: new Taps([desk.tap], onFault), … });
 */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const { model, store, logger = silentLogger, now = Date.now, everyMs = {} } = options;
  const {
    flush = async () => true,
    removeRecordings = async () => {},
    onErased = () => {},
    onHandled = () => {},
  } = options;
  const policy = () => settings.policy;
  const withheld = () => withheldRoles(settings.policy);
  const settings: Settings = await Settings.open({
    facts: { ...options.facts, model },
    store,
    retentionDays: options.retentionDays,
    onPolicy: () => rules.withhold(),
    onRetention: () => void retention?.run(),
    logger,
    now,
  });

  const book = new AlertBook({ keep: ALERTS_KEPT, now });
  const onFault = (err: unknown): void => logger.error({ err }, 'the floor cannot be shown');
  const floor = new LiveCalls({ book, policy, now, onFault, everyMs: everyMs.floor });
  const rules: RulesHolder = await RulesHolder.open({
    labels: model.labels,
    file: options.rulesFile,
    rules: options.rules,
    store,
    timeline: options.timeline ?? ((callId) => timelineOf(store, callId, flush)),
    withheld,
    onChange: (judged) => {
      for (const stream of floor.streams()) stream.replaceRules(judged);
    },
    logger,
    now,
    everyMs: everyMs.file,
  });
  const alerts = new Alerts({ book, store, flush, withheld, now, onHandled, onLost: tellLost(logger) });
  const retention =
    store &&
    new Retention({
      store,
      days: () => settings.retentionDays,
      removeRecordings,
      onErased: (callIds) => {
        book.forget(callIds);
        onErased(callIds);
      },
      logger,
      now,
      everyMs: everyMs.retention,
    });

  return {
    tap: floor,
    floor,
    alerts,
    rules,
    settings,
    forget: (callIds) => book.forget(callIds),
    close: async () => {
      rules.close();
      floor.close();
      await Promise.all([alerts.close(CLOSE_MS), retention?.close()]);
    },
  };
}

/** @throws UndertoneError `no-store`, `unknown-call`, `store-unavailable` */
async function timelineOf(
  store: Store | undefined,
  callId: string,
  flush: (limitMs: number) => Promise<boolean>,
): Promise<readonly KeptTimeline[]> {
  if (store === undefined) throw new UndertoneError('no-store');
  // It may have ended just now.
  await flush(FLUSH_MS);
  const timelines = await store.timeline(callId);
  if (timelines.length === 0) throw new UndertoneError('unknown-call', { callId: excerpt(callId) });
  return timelines;
}
