import { UndertoneError } from '../../errors.ts';
import type {
  AlertRequest,
  CallAlert,
  DeskPolicy,
  DeskSettings,
  DeskSettingsChange,
  FloorChanges,
  FloorSnapshot,
  ModelDescription,
  RulesProblem,
  RulesTest,
  RulesText,
} from '../../protocol/index.ts';
import type { Store } from '../../store/index.ts';
import type { AlertRule } from '../../streams/index.ts';
import type { Logger } from '../log.ts';
import type { Tap } from '../taps.ts';

export interface DeskOptions {
  readonly model: ModelDescription;
  readonly store?: Store;
  /** Rules to begin with, where there are none in a file or in the store. */
  readonly rules?: readonly AlertRule[];
  /** The file that rules are read from, and written to. */
  readonly rulesFile?: string;
  /** What the settings tell and the desk does not decide. */
  readonly facts: Pick<DeskSettings, 'version' | 'models' | 'recording' | 'keyRequired'> & {
    /** Asked whenever the settings are. */
    readonly store: () => DeskSettings['store'];
  };
  /** What the retention is until somebody changes it; default: kept until erased. */
  readonly retentionDays?: number | null;
  /** Removes files of recordings whose calls were erased. */
  readonly removeRecordings?: (files: readonly string[]) => Promise<void>;
  /** So many calls were erased because of their age. */
  readonly onErased?: (calls: number) => void;
  readonly logger?: Logger;
  /** ms since 1970; default: the wall clock. */
  readonly now?: () => number;
}

/** Somebody who looks at the floor. `json` is the same encoded, once for all of them. */
export interface FloorListener {
  /** Once, first. */
  floor(snapshot: FloorSnapshot, json: string): void;
  /** Once a second at most. */
  changes(changes: FloorChanges, json: string): void;
}

export interface LiveFloor {
  snapshot(): Promise<FloorSnapshot>;
  /** Returns what ends it. A listener that throws is not called again. */
  watch(listener: FloorListener): () => void;
}

export interface AlertDesk {
  /** @throws UndertoneError `not-found`, `invalid-message`, `conflict` where another has taken it */
  handle(alertId: string, request: AlertRequest): Promise<CallAlert>;
  get(alertId: string): Promise<CallAlert | undefined>;
}

export interface RulesDesk {
  readonly current: RulesText;
  /** What streams are opened with: the present rules, without what the policy withholds. Running streams are told by the desk. */
  readonly judged: readonly AlertRule[];
  /** What is wrong with a text, warnings included. */
  problemsOf(text: string): readonly RulesProblem[];
  /** @throws UndertoneError `rules-invalid`, `conflict` where the revision is not the present one, `file-unwritable` */
  put(text: string, revision: string, by: string): Promise<RulesText>;
  /** When these rules would have fired on a kept call. @throws UndertoneError `not-found` */
  test(text: string, callId: string): Promise<RulesTest>;
  /** Reads the file again, now (SIGHUP). What is wrong with it is logged, and the rules before stay. */
  reload(): Promise<void>;
}

export interface SettingsDesk {
  readonly policy: DeskPolicy;
  get(): DeskSettings;
  /** @throws UndertoneError `invalid-message` */
  change(change: DeskSettingsChange, by: string): Promise<DeskSettings>;
}

/** What supervisors see and decide, beside the streams that go on. */
export interface Desk {
  /** To be among the taps of the registry. */
  readonly tap: Tap;
  readonly floor: LiveFloor;
  readonly alerts: AlertDesk;
  readonly rules: RulesDesk;
  readonly settings: SettingsDesk;
  close(): Promise<void>;
}

/** To be opened before the registry. @throws UndertoneError `rules-invalid`, `file-missing`, `file-unreadable`, `store-unavailable` */
export async function openDesk(_options: DeskOptions): Promise<Desk> {
  throw new UndertoneError('internal');
}
