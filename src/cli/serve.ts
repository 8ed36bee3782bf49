import { once } from 'node:events';
import { Command, Option } from 'commander';
import type { Logger } from 'pino';
import type { Emotion } from '../emotions.ts';
import { defaultWorkers } from './default-workers.ts';
import { addDeskOptions, type DeskArguments, deskParts } from './desk-options.ts';
import { interruption } from './exit.ts';
import { nameList, wholeNumber } from './option-parsers.ts';
import { DEFAULT_MODEL } from './package.ts';
import { addTelephonyOptions, type TelephonyArguments, telephonyOptions } from './telephony-options.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

interface ServeOptions extends TelephonyArguments, DeskArguments {
  readonly host: string;
  readonly port: number;
  readonly model: string;
  readonly apiKey?: string;
  readonly windowMs?: number;
  readonly stepMs?: number;
  readonly descriptors?: readonly string[];
  readonly maxStreams?: number;
  readonly maxSubscribers?: number;
  readonly historyBytes?: number;
  readonly workers: number;
  readonly batchSize?: number;
  readonly batchWaitMs?: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** `undertone serve` */
export function serveCommand(): Command {
  const command = new Command('serve')
    .summary('start a server')
    .description(
      'Starts a server that takes audio over WebSockets, sends timelines to whoever subscribes, keeps calls, and has a page for supervisors.',
    )
    .option('--host <address>', 'address to listen on; any but this machine needs an API key', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 for a free one', wholeNumber(0, 65_535), 8790)
    .option('--model <dir>', 'the model folder', DEFAULT_MODEL)
    .option('--window-ms <ms>', "length of a window where a stream does not say (default: the model's)", wholeNumber(1))
    .option('--step-ms <ms>', "from one window to the next, likewise (default: the model's)", wholeNumber(1))
    .option('--descriptors <names>', "Meyda's extractors to add to every window, likewise", nameList)
    .option('--rules <file>', 'alert rules, YAML or JSON, for every stream; read again when the file changes')
    .addOption(
      new Option(
        '--api-key <key>',
        'whoever connects must have it; better set in the environment, where ps does not show it',
      ).env('UNDERTONE_API_KEY'),
    )
    .option(
      '--workers <n>',
      'threads that analyse; 0: the one that has the sockets',
      wholeNumber(0, 64),
      defaultWorkers(),
    )
    .option('--batch-size <n>', 'windows of one call of the model at most (default: 64)', wholeNumber(1, 1024))
    .option(
      '--batch-wait-ms <ms>',
      'how long a window may wait for others to share that call (default: 5)',
      wholeNumber(0, 1000),
    )
    .option('--max-streams <n>', 'streams at once (default: 1000)', wholeNumber(1))
    .option('--max-subscribers <n>', 'subscribers at once (default: 5000)', wholeNumber(1))
    .option('--history-bytes <n>', 'events kept of each stream for late subscribers (default: 4194304)', wholeNumber(1))
    .addOption(
      new Option('--log-level <level>', 'what goes to the log, JSON lines on stderr')
        .choices(LOG_LEVELS)
        .default('info'),
    )
    .addHelpText(
      'after',
      `
It prints its address and that of its page, and runs until Ctrl-C or SIGTERM: then it takes nothing new, ends every stream
with its last windows, and exits. At SIGHUP it reads its alert rules again. What it answers over HTTP is in /openapi.yaml.

Examples:
  undertone serve
  undertone serve --window-ms 2000 --step-ms 250
  undertone serve --port 0 --log-level warn
  undertone serve --rules rules.yaml --retention-days 90
  undertone serve --store postgres://undertone@db.example/calls --webhooks webhooks.yaml
  UNDERTONE_RECORD_KEY=$(openssl rand -base64 32) undertone serve --record recordings/
  undertone serve --store none --no-ui
  UNDERTONE_API_KEY=$(openssl rand -hex 24) undertone serve --host 0.0.0.0
  UNDERTONE_TWILIO_AUTH_TOKEN=… undertone serve --public-url wss://voice.example.com
  undertone serve --audiosocket-port '9092?roles=customer' --audiosocket-port '9093?roles=employee'

Platforms of telephony dial /v1/telephony/NAME, or /v1/telephony and are told apart by what they say.

Then, from elsewhere:
  undertone replay call.wav --url ws://127.0.0.1:8790
  undertone watch '*' --url ws://127.0.0.1:8790`,
    )
    .action(async (options: ServeOptions) => serve(options, interruption()));
  return addTelephonyOptions(addDeskOptions(command));
}

/** Serves until the signal; rejects where the server cannot start. */
async function serve(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const [{ pino }, { loadModel }, { startServer }] = await Promise.all([
    import('pino'),
    import('../inference/index.ts'),
    import('../server/index.ts'),
  ]);
  const logger = pino({ level: options.logLevel }, pino.destination({ dest: 2, sync: true }));
  const model = await loadModel(options.model);
  await checkRules(options.rules, model.manifest.labels, logger);
  const desk = await deskParts(options);
  const { maxStreams, maxSubscribers, historyBytes, apiKey, windowMs, stepMs, descriptors } = options;
  const server = await startServer({
    ...desk.options,
    model,
    workers: { count: options.workers, modelFolder: options.model },
    logger,
    host: options.host,
    port: options.port,
    telephony: telephonyOptions(options),
    ...(apiKey !== undefined && { apiKey }),
    ...(windowMs !== undefined && { windowMs }),
    ...(stepMs !== undefined && { stepMs }),
    ...(descriptors !== undefined && { descriptors }),
    limits: {
      ...(options.batchSize !== undefined && { maxBatch: options.batchSize }),
      ...(options.batchWaitMs !== undefined && { batchWaitMs: options.batchWaitMs }),
      ...(maxStreams !== undefined && { maxStreams }),
      ...(maxSubscribers !== undefined && { maxSubscribers }),
      ...(historyBytes !== undefined && { historyBytesPerStream: historyBytes }),
    },
  }).catch(async (error: unknown) => {
    await desk.close();
    throw error;
  });
  process.stdout.write(`undertone listens at ${server.url}\n`);
  if (options.ui) process.stdout.write(`The page is at ${server.url.replace(/^ws/, 'http')}/\n`);
  for (const bound of server.audioSocketPorts) {
    process.stdout.write(`AudioSocket at tcp://${options.audiosocketHost ?? '127.0.0.1'}:${bound}\n`);
  }
  const reload = (): void => void server.reloadRules();
  process.on('SIGHUP', reload);
  if (!signal.aborted) await once(signal, 'abort');
  process.off('SIGHUP', reload);
  await server.close();
  await desk.close();
  model.dispose();
}

/** A wrong file is told at once; a rule that only a recorded call can be judged by is named in the log. */
async function checkRules(
  path: string | undefined,
  labels: readonly Emotion[],
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  if (path === undefined) return;
  const [{ loadRules }, { needsLength }] = await Promise.all([
    import('./alert-rules.ts'),
    import('../streams/index.ts'),
  ]);
  const rules = await loadRules(path, labels);
  const waiting = rules.filter(needsLength).map(({ name }) => name);
  if (waiting.length > 0) logger.warn({ rules: waiting }, 'a live call has no length: rules in percent are not judged');
}
