import { type Command, Option } from 'commander';
import { UndertoneError } from '../errors.ts';
import type { AnalysisRequest, ChannelRequest, WireEncoding } from '../protocol/index.ts';
import type { OutputFormat } from './formatter.ts';
import { channelNames, encoding, nameList, outputFormat, wholeNumber } from './option-parsers.ts';

/** How a recording is analysed. */
export interface AnalysisArguments {
  readonly channels?: readonly ChannelRequest[];
  readonly encoding?: WireEncoding;
  readonly windowMs?: number;
  readonly stepMs?: number;
  readonly descriptors?: readonly string[];
}

/** What `replay` and `analyze` have in common. */
export interface RecordingOptions extends AnalysisArguments {
  readonly format: OutputFormat;
  readonly out?: string;
  readonly svg?: string;
}

export function addRecordingOptions(command: Command): Command {
  return addAnalysisOptions(command.argument('<recordings...>', 'files, folders (searched for audio files) or globs'))
    .addOption(new Option('--format <format>', 'table, jsonl or csv').argParser(outputFormat).default('table'))
    .option('--out <path>', 'write there instead of to stdout: a file, or a folder for several recordings')
    .option('--svg <path>', 'also draw the timeline there (one recording)');
}

export function addAnalysisOptions(command: Command): Command {
  return command
    .option(
      '--channels <names>',
      'who speaks on which channel, name:role per channel; roles are customer, employee, bot and unknown',
      channelNames,
    )
    .option('--encoding <encoding>', 'send the audio in this encoding instead of its own', encoding)
    .option('--window-ms <ms>', "length of a window, a multiple of 10 (default: the model's)", wholeNumber(1))
    .option('--step-ms <ms>', "from one window to the next, a multiple of 10 (default: the model's)", wholeNumber(1))
    .option('--descriptors <names>', "Meyda's extractors to add to every window, by name", nameList);
}

/** The analysis that is asked for, and only that: the rest is decided where it runs. */
export function analysisRequest(options: AnalysisArguments): AnalysisRequest {
  const { windowMs, stepMs, descriptors } = options;
  if (windowMs !== undefined && stepMs !== undefined && stepMs > windowMs) {
    throw new UndertoneError('usage', {
      detail: `A step of ${stepMs} ms is longer than the window of ${windowMs} ms.`,
    });
  }
  return {
    ...(windowMs !== undefined && { windowMs }),
    ...(stepMs !== undefined && { stepMs }),
    ...(descriptors !== undefined && { descriptors }),
  };
}

export const RECORDING_HELP = `
Formats:
  table   a timeline for people; of several recordings a summary row each
  jsonl   one event per line, as on the wire: started, window, segment, turn, …, ended;
          of several recordings every line also has "file"
  csv     a row per window

Several recordings:
  One that fails ends none of the others; the exit status is then 1.
  With --out DIR (a folder, a path that ends with / or has no ending) every recording gets a file of its
  own below it. With --out FILE.jsonl all go into one file. Either way the same command, given again, skips
  what is finished: what that is stands in DIR/.undertone-state.jsonl or FILE.jsonl.state.jsonl. A
  recording that has changed since, or other settings, are done again; to do all again, delete that file.`;
