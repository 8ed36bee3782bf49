import type { ModelDescription } from '../protocol/index.ts';
import { StoreWriter, type StoreWriterStatus } from '../store/index.ts';
import type { Counts } from './counts.ts';
import { type Desk, openDesk, withheldRoles, withholdFromDetail } from './desk/index.ts';
import type { KeptCalls } from './http/index.ts';
import { type Logger, silentLogger } from './log.ts';
import type { ServerOptions } from './options.ts';
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
  readonly webhooks?: Webhooks;
  /** After the last stream has ended. The store stays open. */
  close(): Promise<void>;
}

const FLUSH_MS = 5_000;

/** @throws UndertoneError as `openDesk` and `openWebhooks` */
export async function openBeside(options: ServerOptions, model: ModelDescription, counts: Counts): Promise<Beside> {
  const { store, logger = silentLogger, desk: wishes = {} } = options;
  const kept = store && { store, writer: new StoreWriter(store, { onStatus: (status) => tellStatus(logger, status) }) };
  let webhooks: Webhooks | undefined;
  const desk = await openDesk({
    model,
    ...(kept && { store: kept.store, flush: (limitMs) => kept.writer.flush(limitMs) }),
    ...(options.rules && { rules: options.rules }),
    ...(wishes.rulesFile !== undefined && { rulesFile: wishes.rulesFile }),
    ...(wishes.retentionDays !== undefined && { retentionDays: wishes.retentionDays }),
    facts: {
      version: VERSION,
      models: Object.keys(wishes.models ?? {}),
      recording: false,
      keyRequired: Boolean(options.apiKey),
      store: () => storeFacts(kept),
    },
    onErased: (callIds) => {
      counts.erasedCalls += callIds.length;
      webhooks?.forget(callIds);
    },
    onHandled: (alert, handling) => webhooks?.alertHandled(alert, handling),
    logger,
  });
  webhooks = options.webhooks && (await webhooksOf(options, desk, kept));
  const taps = [
    counts.tap,
    desk.tap,
    ...(webhooks ? [webhooks.tap] : []),
    ...(kept ? [storeTap(kept.writer, model)] : []),
    ...(options.taps ?? []),
  ];
  return {
    taps,
    desk,
    ...(kept && { kept }),
    ...(webhooks && { webhooks }),
    close: async () => {
      await webhooks?.close();
      await desk.close();
      await kept?.writer.close(FLUSH_MS);
    },
  };
}

async function webhooksOf(
  { webhooks, logger }: ServerOptions,
  desk: Desk,
  kept: KeptCalls | undefined,
): Promise<Webhooks> {
  return openWebhooks({
    endpoints: webhooks?.endpoints ?? [],
    allowPrivate: webhooks?.allowPrivate ?? false,
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

function storeFacts(kept: KeptCalls | undefined): ReturnType<Parameters<typeof openDesk>[0]['facts']['store']> {
  if (kept === undefined) return null;
  const { failing, droppedEvents } = kept.writer.status;
  return { kind: kept.store.kind, failing, droppedEvents };
}

function tellStatus(logger: Logger, { failing, droppedEvents, waitingBytes }: StoreWriterStatus): void {
  if (failing === null) logger.info({ droppedEvents }, 'the store takes what is to be kept');
  else logger.error({ reason: failing, droppedEvents, waitingBytes }, 'the store fails');
}
