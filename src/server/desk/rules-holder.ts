import { createHash } from 'node:crypto';
import type { Emotion } from '../../emotions.ts';
import { asUndertoneError, UndertoneError } from '../../errors.ts';
import type { Role, RulesProblem, RulesTest, RulesText } from '../../protocol/index.ts';
import type { KeptTimeline, Store } from '../../store/index.ts';
import {
  type AlertRule,
  type ParsedRules,
  parseAlertRules,
  readAlertRules,
  withholdRoles,
  writeAlertRules,
} from '../../streams/index.ts';
import type { Logger } from '../log.ts';
import { RulesFile } from './rules-file.ts';
import { tryRules } from './try-rules.ts';

export interface RulesDesk {
  readonly current: RulesText;
  /** What streams are opened with: the present rules, without what the policy withholds. Running streams are told by the desk. */
  readonly judged: readonly AlertRule[];
  /** What is wrong with a text, warnings included. */
  problemsOf(text: string): readonly RulesProblem[];
  /** @throws UndertoneError `rules-invalid`, `conflict` where the revision is not the present one, `file-unwritable`, `store-unavailable` */
  put(text: string, revision: string, by: string): Promise<RulesText>;
  /** When these rules would have fired on a kept call. @throws UndertoneError as the timeline of the call */
  test(text: string, callId: string): Promise<RulesTest>;
  /** Reads the file again, now (SIGHUP). What is wrong with it is logged, and the rules before stay. */
  reload(): Promise<void>;
}

export interface RulesHolderOptions {
  /** The emotions that the model knows. */
  readonly labels: readonly Emotion[];
  readonly file?: string | undefined;
  /** To begin with, where there is neither a file nor anything in the store. */
  readonly rules?: readonly AlertRule[] | undefined;
  readonly store?: Pick<Store, 'setting' | 'setSetting' | 'note'> | undefined;
  readonly timeline: (callId: string) => Promise<readonly KeptTimeline[]>;
  /** Roles that the policy withholds. */
  readonly withheld: () => readonly Role[];
  /** Streams that run are to have these rules from now on. */
  readonly onChange: (judged: readonly AlertRule[]) => void;
  readonly logger: Logger;
  /** ms since 1970. */
  readonly now: () => number;
  /** From one look at the file to the next, ms; default 1,000. */
  readonly everyMs?: number | undefined;
}

const SETTING = 'rules';
const NO_RULES = 'rules: []\n';

/** The alert rules of a server: from a file that is looked after, or from the store; changed while streams run. */
export class RulesHolder implements RulesDesk {
  readonly #options: RulesHolderOptions;
  readonly #file: RulesFile | undefined;
  #text = NO_RULES;
  #rules: readonly AlertRule[] = [];
  #judged: readonly AlertRule[] = [];
  /** What is wrong with the text in force: it was kept for another model. */
  #problems: readonly RulesProblem[] = [];
  /** What is right in it, and will not do what it says. */
  #warnings: readonly RulesProblem[] = [];
  /** What is wrong with a newer file, which was not taken for it. */
  #newer: readonly RulesProblem[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  /** @throws UndertoneError `rules-invalid`, `file-missing`, `file-unreadable`, `store-unavailable` */
  static async open(options: RulesHolderOptions): Promise<RulesHolder> {
    const holder = new RulesHolder(options);
    await holder.#begin();
    return holder;
  }

  private constructor(options: RulesHolderOptions) {
    this.#options = options;
    this.#file = options.file === undefined ? undefined : new RulesFile(options.file);
  }

  get current(): RulesText {
    const problems = [...this.#problems, ...this.#newer, ...this.#warnings.map(warning)];
    return { text: this.#text, revision: revisionOf(this.#text), ...(problems.length > 0 && { problems }) };
  }

  get judged(): readonly AlertRule[] {
    return this.#judged;
  }

  problemsOf(text: string): readonly RulesProblem[] {
    const { problems, warnings } = this.#parse(text);
    return [...problems, ...warnings.map(warning)];
  }

  put(text: string, revision: string, by: string): Promise<RulesText> {
    return this.#inTurn(async () => {
      await this.#catchUp();
      if (revision !== revisionOf(this.#text)) throw conflict('these rules were made from others than those in force');
      const parsed = this.#parse(text);
      // It throws what is wrong.
      if (parsed.problems.length > 0) readAlertRules(text, this.#options.labels);
      await this.#keep(text);
      this.#set(text, parsed);
      await this.#note(by);
      return this.current;
    });
  }

  async test(text: string, callId: string): Promise<RulesTest> {
    const { rules, problems, warnings } = this.#parse(text);
    const told = [...problems, ...warnings.map(warning)];
    if (problems.length > 0) return { problems: told, alerts: [] };
    const timelines = await this.#options.timeline(callId);
    return { problems: told, alerts: await tryRules(withholdRoles(rules, this.#options.withheld()), timelines) };
  }

  reload(): Promise<void> {
    return this.#inTurn(() => this.#readFile());
  }

  /** The policy has changed. */
  withhold(): void {
    this.#warnings = this.#parse(this.#text).warnings;
    this.#apply();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #begin(): Promise<void> {
    const { store, rules = [], labels, logger, everyMs = 1_000 } = this.#options;
    if (this.#file !== undefined) {
      const text = await this.#file.read();
      const parsed = this.#parse(text);
      if (parsed.problems.length > 0) readAlertRules(text, labels);
      this.#set(text, parsed);
      this.#timer = setInterval(() => void this.#look(), everyMs).unref();
      return;
    }
    const kept = await store?.setting(SETTING);
    if (kept === undefined) {
      const text = rules.length === 0 ? NO_RULES : writeAlertRules(rules);
      this.#set(text, { ...this.#parse(text), rules });
      return;
    }
    // Somebody has accepted them once: another model may know fewer emotions. Those that are right stay in force.
    const parsed = this.#parse(kept);
    if (parsed.problems.length > 0)
      logger.error({ problems: parsed.problems }, 'some of the kept rules are not in force');
    this.#set(kept, parsed);
  }

  async #look(): Promise<void> {
    // Until it has been read it would be found changed again.
    if (this.#looking) return;
    this.#looking = true;
    const changed = await this.#file?.look();
    if (changed === true) await this.reload();
    this.#looking = false;
  }

  /** What is wrong with the file is told, once for every version of it. */
  async #readFile(): Promise<void> {
    const { logger } = this.#options;
    if (this.#file === undefined) return;
    const { path } = this.#file;
    try {
      const text = await this.#file.read();
      if (text === this.#text) {
        this.#newer = [];
        return;
      }
      const parsed = this.#parse(text);
      const { rules, problems } = parsed;
      this.#newer = problems;
      if (problems.length > 0) {
        logger.warn({ file: path, problems }, 'the rules have changed and are not valid; those before stay in force');
        return;
      }
      this.#set(text, parsed);
      logger.info({ file: path, rules: rules.length }, 'rules read again');
    } catch (error) {
      const { message } = asUndertoneError(error);
      logger.warn({ file: path, detail: message }, 'the rules cannot be read; those before stay in force');
    }
  }

  /** Somebody may have edited the file since the last look; what they wrote is not to be lost. */
  async #catchUp(): Promise<void> {
    if (this.#file === undefined) return;
    const text = await this.#file.read().catch(() => this.#text);
    if (text === this.#text) return;
    await this.#readFile();
    if (text !== this.#text)
      throw conflict('the file of the rules has been edited and is not valid; set it right there');
  }

  async #keep(text: string): Promise<void> {
    if (this.#file !== undefined) await this.#file.write(text);
    else await this.#options.store?.setSetting(SETTING, text);
  }

  async #note(by: string): Promise<void> {
    const { store, logger, now } = this.#options;
    const at = new Date(now()).toISOString();
    // They are in force, noted or not.
    await store
      ?.note({ at, by, action: 'rules', subject: revisionOf(this.#text) })
      .catch((err: unknown) => logger.warn({ err }, 'a change of the rules could not be noted'));
  }

  #set(text: string, { rules, problems, warnings }: ParsedRules): void {
    this.#text = text;
    this.#rules = rules;
    this.#problems = problems;
    this.#warnings = warnings;
    this.#newer = [];
    this.#apply();
  }

  #apply(): void {
    this.#judged = withholdRoles(this.#rules, this.#options.withheld());
    this.#options.onChange(this.#judged);
  }

  #parse(text: string): ParsedRules {
    return parseAlertRules(text, this.#options.labels, this.#options.withheld());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

/** Of a text, so that who changes it can say what it was made from. */
const revisionOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const warning = (problem: RulesProblem): RulesProblem => ({ ...problem, warning: true });

const conflict = (detail: string): UndertoneError => new UndertoneError('conflict', { detail });
