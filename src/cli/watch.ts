import { Command, Option } from 'commander';
import { UndertoneError } from '../errors.ts';
import { interruption } from './exit.ts';
import type { Formatter, OutputFormat } from './formatter.ts';
import { jsonlFormatter } from './jsonl.ts';
import { liveView } from './live-view.ts';
import { nameList, outputFormat, startingCursor, webSocketUrl } from './option-parsers.ts';
import { GrowingFile } from './output-file.ts';
import { stdout } from './stdout.ts';
import { coloursFor, printable } from './terminal.ts';

interface WatchOptions {
  readonly url: string;
  readonly apiKey?: string;
  readonly from?: number | 'start';
  readonly wait: boolean;
  readonly format: OutputFormat;
  readonly descriptors?: readonly string[];
  readonly out?: string;
}

/** `undertone watch` */
export function watchCommand(): Command {
  return new Command('watch')
    .summary('follow live timelines')
    .description('Subscribes to the timeline of one stream, or of all that are live, and shows it as it grows.')
    .argument('<stream>', "the id of a stream, or '*' for all")
    .requiredOption('--url <url>', 'the server, e.g. ws://127.0.0.1:8790', webSocketUrl)
    .addOption(new Option('--api-key <key>', 'the key of the server').env('UNDERTONE_API_KEY'))
    .option('--from <cursor>', 'begin there: start for all there is, or the first cursor wanted', startingCursor)
    .option('--no-wait', 'fail if the stream is not there, instead of waiting for it')
    .addOption(new Option('--format <format>', 'table, jsonl or csv').argParser(outputFormat).default('table'))
    .option('--descriptors <names>', 'columns of csv for these descriptors', nameList)
    .option('--out <path>', 'write there instead of to stdout')
    .addHelpText(
      'after',
      `
It ends with the stream, and with Ctrl-C.

Examples:
  undertone watch '*' --url ws://127.0.0.1:8790
  undertone watch call-17 --url ws://127.0.0.1:8790 --from start
  undertone watch call-17 --url ws://127.0.0.1:8790 --from 240 --format jsonl >> call-17.jsonl`,
    )
    .action(async (stream: string, options: WatchOptions) => watch(stream, options, interruption()));
}

async function watch(streamId: string, options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { url, apiKey, from, wait, out } = options;
  if (streamId === '*' && from !== undefined) {
    throw new UndertoneError('usage', { detail: 'All streams can be watched from now on only: leave --from out.' });
  }
  const [{ connect }, { encodeEvent }] = await Promise.all([
    import('../client/index.ts'),
    import('../protocol/index.ts'),
  ]);
  const formatter = await formatterFor(streamId, options);
  const file = out === undefined ? undefined : await GrowingFile.open(out, 0);
  const output = file ?? stdout;
  await output.write(formatter.head);
  const connection = connect(url, apiKey === undefined ? {} : { apiKey });
  const subscription = connection.subscribe(streamId, { wait, ...(from !== undefined && { from }) });
  signal.addEventListener('abort', () => subscription.close(), { once: true });
  for await (const event of subscription) await output.write(formatter.event(event, encodeEvent(event)));
  await file?.close();
}

async function formatterFor(streamId: string, { format, descriptors, out }: WatchOptions): Promise<Formatter> {
  switch (format) {
    case 'jsonl':
      return jsonlFormatter();
    case 'csv':
      return (await import('./csv.ts')).csvFormatter('', descriptors ?? []);
    case 'table': {
      const colours = coloursFor(out === undefined ? process.stdout : {});
      return streamId === '*' ? manyLive(() => liveView(colours)) : liveView(colours);
    }
  }
}

/** A view per stream, every row with the stream's id in front. */
function manyLive(view: () => Formatter): Formatter {
  const views = new Map<string, Formatter>();
  return {
    head: '',
    event(event, wire) {
      const id = 'streamId' in event ? (event.streamId ?? '') : '';
      const own = views.get(id) ?? view();
      views.set(id, own);
      const text = own.event(event, wire);
      if (event.type === 'ended') views.delete(id);
      return text.replace(/^(?=.)/gm, `${printable(id)}  `);
    },
  };
}
