import { UndertoneError } from '../errors.ts';
import type { DeskSettings, ModelDescription } from '../protocol/index.ts';
import { type StoreItem, StoreWriter, type StoreWriterStatus } from '../store/index.ts';
import type { Counts } from './counts.ts';
import { type Desk, type DeskOptions, openDesk, withheldRoles, withholdFromDetail } from './desk/index.ts';
import type { KeptCalls } from './http/index.ts';
import { type Logger, silentLogger } from './log.ts';
import type { ServerOptions } from './options.ts';
import { openReanalysis, openRecordings, type Reanalysis, type Recordings } from './recordings/index.ts';
import { storeTap } from './store-tap.ts';
import type { Tap } from './taps.ts';
import { VERSION } from './version.ts';
import { openWebhooks, type Webhooks } from './webhooks/index.ts';

/** What goes on beside the live path: it keeps, shows and tells of what happens there, and nothing there waits for it. */
export interface Beside {
  /** In the order in which they are told. */
  readonly taps: readonly Tap[];
  readonly desk: Desk;
  readonly kept?: KeptCalls;
  readonly recordings?: Recordings;
  readonly reanalysis?: Reanalysis;
  readonly webhooks?: Webhooks;
  /** After the last stream has ended. The store stays open. */
  close(): Promise<void>;
}

const FLUSH_MS = 5_000;

/** @throws UndertoneError as `openDesk`, `openRecordings` and `openWebhooks` */
export async function openBeside(options: ServerOptions, model: ModelDescription, counts: Counts): Promise<Beside> {
  const opened: Closable[] = [];
  try {
    return await openParts(options, model, counts, opened);
  } catch (error) {
    await closeAll(opened, options);
    throw error;
  }
}

interface Closable {
  close(): Promise<unknown>;
}

/** The last one that was opened first: each may still need those before it. */
async function closeAll(opened: readonly Closable[], { logger = silentLogger }: ServerOptions): Promise<void> {
  for (const part of opened.toReversed()) {
    await part.close().catch((err: unknown) => logger.error({ err }, 'a part of the server did not end well'));
  }
}

async function openParts(
  options: ServerOptions,
  model: ModelDescription,
  counts: Counts,
  opened: Closable[],
): Promise<Beside> {
  const { store, logger = silentLogger } = options;
  const kept = store && { store, writer: new StoreWriter(store, { onStatus: (status) => tellStatus(logger, status) }) };
  if (kept) opened.push({ close: () => kept.writer.close(FLUSH_MS) });
  let webhooks: Webhooks | undefined;
  const recordings = await recordingsOf(options, kept);
  const desk = await openDesk({
    ...deskOptions(options, model, kept, recordings),
    onErased: (callIds) => {
      counts.erasedCalls += callIds.length;
      webhooks?.forget(callIds);
    },
    onHandled: (alert, handling) => webhooks?.alertHandled(alert, handling),
  });
  opened.push(desk);
  // What is recorded comes to its end before the store is told of nothing more.
  if (recordings) opened.push(recordings);
  webhooks = await webhooksOf(options, desk, kept);
  if (webhooks) opened.push(webhooks);
  const reanalysis =
    recordings && kept && openReanalysis({ recordings, store: kept.store, ...(options.logger && { logger }) });
  if (reanalysis) opened.push(reanalysis);
  // The store hears of a stream before those who tell it more of it, or ask it what it knows.
  const taps = [
    counts.tap,
    desk.tap,
    ...(kept ? [storeTap(kept.writer, model)] : []),
    ...(recordings ? [recordings.tap] : []),
    ...(webhooks ? [webhooks.tap] : []),
    ...(options.taps ?? []),
  ];
  return {
    taps,
    desk,
    ...(kept && { kept }),
    ...(recordings && { recordings }),
    ...(reanalysis && { reanalysis }),
    ...(webhooks && { webhooks }),
    close: () => closeAll(opened, options),
  };
}

function deskOptions(
  options: ServerOptions,
  model: ModelDescription,
  kept: KeptCalls | undefined,
  recordings: Recordings | undefined,
): DeskOptions {
  const { logger, rules, desk: { rulesFile, retentionDays, models = {} } = {} } = options;
  return {
    model,
    ...(kept && { store: kept.store, flush: (limitMs) => kept.writer.flush(limitMs) }),
    ...(rules && { rules }),
    ...(rulesFile !== undefined && { rulesFile }),
    ...(retentionDays !== undefined && { retentionDays }),
    ...(recordings && { removeRecordings: (files) => recordings.erase(files) }),
    facts: {
      version: VERSION,
      models: Object.keys(models),
      recording: recordings !== undefined,
      keyRequired: Boolean(options.apiKey),
      store: () => storeFacts(kept),
    },
    ...(logger && { logger }),
  };
}

async function recordingsOf(
  { recordings, logger }: ServerOptions,
  kept: KeptCalls | undefined,
): Promise<Recordings | undefined> {
  if (recordings === undefined) return undefined;
  // Without one nobody would find them again, or erase them.
  if (kept === undefined) throw new UndertoneError('usage', { detail: 'Recordings need a store.' });
  const keep = (item: StoreItem): void => kept.writer.push(item);
  return openRecordings({ ...recordings, keep, store: kept.store, ...(logger && { logger }) });
}

async function webhooksOf(
  { webhooks, logger }: ServerOptions,
  desk: Desk,
  kept: KeptCalls | undefined,
): Promise<Webhooks | undefined> {
  if (webhooks === undefined) return undefined;
  return openWebhooks({
    ...webhooks,
    policy: () => desk.settings.policy,
    ...(logger && { logger }),
    ...(kept && {
      store: kept.store,
      call: async (callId) => {
        await kept.writer.flush(FLUSH_MS);
        const call = await kept.store.call(callId);
        return call && withholdFromDetail(call, withheldRoles(desk.settings.policy));
      },
    }),
  });
}

function storeFacts(kept: KeptCalls | undefined): DeskSettings['store'] {
  if (kept === undefined) return null;
  const { failing, droppedEvents } = kept.writer.status;
  return { kind: kept.store.kind, failing, droppedEvents };
}

function tellStatus(logger: Logger, { failing, droppedEvents, waitingBytes }: StoreWriterStatus): void {
  if (failing === null) logger.info({ droppedEvents }, 'the store takes what is to be kept');
  else logger.error({ reason: failing, droppedEvents, waitingBytes }, 'the store fails');
}
