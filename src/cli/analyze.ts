import { Command, Option } from 'commander';
import { interruption } from './exit.ts';
import { DIALECT_NAMES } from './option-parsers.ts';
import { DEFAULT_MODEL } from './package.ts';
import { addRecordingOptions, analysisRequest, RECORDING_HELP, type RecordingOptions } from './recording-options.ts';

interface AnalyzeOptions extends RecordingOptions {
  readonly model: string;
  readonly rules?: string;
  readonly as?: string;
}

/** `undertone analyze` */
export function analyzeCommand(): Command {
  return addRecordingOptions(new Command('analyze'))
    .summary('analyse recordings in this process, without a server')
    .description(
      'Analyses recordings in this process: the pipeline that the server runs, with the same results, as fast as they can be read.',
    )
    .option('--model <dir>', 'the model folder', DEFAULT_MODEL)
    .option('--rules <file>', 'alert rules, YAML or JSON; what they raise and clear is then on the timeline')
    .addOption(
      new Option(
        '--as <dialect>',
        'analyse the audio as that telephony platform sends it, in its rate and encoding: what simulate gives',
      ).choices(DIALECT_NAMES),
    )
    .addHelpText(
      'after',
      `${RECORDING_HELP}

Examples:
  undertone analyze call.wav
  undertone analyze call.wav --channels caller:customer,agent:employee --svg call.svg
  undertone analyze call.mp3 --format jsonl | jq 'select(.type == "segment")'
  undertone analyze recordings/ --format csv --out results/
  undertone analyze call.wav --as azure
  undertone analyze call.wav --window-ms 2000 --step-ms 250 --descriptors loudness,perceptualSharpness --format csv
  undertone analyze call.wav --channels caller:customer,agent:employee --rules rules.yaml`,
    )
    .action(async (recordings: string[], options: AnalyzeOptions) => {
      const { analyzeRecordings } = await import('./analyze-recordings.ts');
      process.exitCode = await analyzeRecordings(recordings, options, analysisRequest(options), interruption());
    });
}
