import { Command, Option } from 'commander';
import { interruption } from './exit.ts';
import { type Speed, speed, webSocketUrl, wholeNumber } from './option-parsers.ts';
import { addRecordingOptions, analysisRequest, RECORDING_HELP, type RecordingOptions } from './recording-options.ts';

export interface ReplayOptions extends RecordingOptions {
  readonly url: string;
  readonly apiKey?: string;
  readonly speed: Speed;
  readonly chunkBytes?: number;
}

/** One message at most, as the protocol has it. */
const MAX_CHUNK_BYTES = 1_048_576;

/** `undertone replay` */
export function replayCommand(): Command {
  return addRecordingOptions(new Command('replay'))
    .summary('stream recordings through a server')
    .description(
      'Streams recordings through a server as if they were spoken now, and shows the timelines that come back.',
    )
    .requiredOption('--url <url>', 'the server, e.g. ws://127.0.0.1:8790', webSocketUrl)
    .addOption(new Option('--api-key <key>', 'the key of the server').env('UNDERTONE_API_KEY'))
    .addOption(
      new Option('--speed <factor>', '1 as it was spoken, 4 four times as fast, max as fast as the server takes it')
        .argParser(speed)
        .default(1),
    )
    .option('--chunk-bytes <n>', 'bytes of audio in a message (default: 20 ms)', wholeNumber(1, MAX_CHUNK_BYTES))
    .addHelpText(
      'after',
      `${RECORDING_HELP}

Examples:
  undertone replay call.wav --url ws://127.0.0.1:8790
  undertone replay call.wav --url ws://127.0.0.1:8790 --channels caller:customer,agent:employee
  undertone replay call.flac --url ws://127.0.0.1:8790 --speed max --format jsonl > call.jsonl
  undertone replay 'archive/**/*.wav' --url wss://example.org --speed max --format csv --out results/
  UNDERTONE_API_KEY=… undertone replay call.wav --url wss://example.org`,
    )
    .action(async (recordings: string[], options: ReplayOptions) => {
      const request = analysisRequest(options);
      const { replayRecordings } = await import('./replay-recordings.ts');
      process.exitCode = await replayRecordings(recordings, options, request, interruption());
    });
}
