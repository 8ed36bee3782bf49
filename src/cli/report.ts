import { Command, Option } from 'commander';
import { UndertoneError } from '../errors.ts';
import { interruption } from './exit.ts';
import { type ReportFormat, reportFormat } from './option-parsers.ts';
import { DEFAULT_MODEL } from './package.ts';
import { type AnalysisArguments, addAnalysisOptions, analysisRequest } from './recording-options.ts';

export interface ReportOptions extends AnalysisArguments {
  readonly format?: ReportFormat;
  readonly out?: string;
  readonly rules?: string;
  readonly store?: string;
  readonly model: string;
}

/** `undertone report` */
export function reportCommand(): Command {
  const command = new Command('report')
    .summary('a report of a call, or its timeline as a file for other tools')
    .description(
      'Makes a report of a call: timeline, who spoke how long, interruptions, pauses, mood and its course, alerts. Or writes the timeline as a file that other tools read.',
    )
    .argument(
      '<files...>',
      'recordings, folders, globs; timelines written before as .jsonl; with --store, ids of calls',
    )
    .option('--store <store>', 'calls that a server has kept, by their ids: its file, or postgres://…')
    .addOption(
      new Option(
        '--format <format>',
        'html, json, jsonl, csv, vtt, srt, textgrid, rttm or emotionml (default: as --out ends, or html)',
      ).argParser(reportFormat),
    )
    .option('--out <path>', 'write there instead of to stdout: a file, or a folder for several calls')
    .option('--rules <file>', 'alert rules, YAML or JSON: the alerts are theirs, instead of those on the timeline')
    .option('--model <dir>', 'the model folder', DEFAULT_MODEL);
  return addAnalysisOptions(command)
    .addHelpText(
      'after',
      `
Formats:
  html        one page for people: nothing to install, no script, prints well
  json        its figures: metrics per side and of the call, alerts with their evidence, marks
  jsonl, csv  the events, one per line; a row per window
  vtt, srt    subtitles: what each side sounds like, beside the recording in a player
  textgrid    tiers for Praat
  rttm        the turns, for tools that compare who spoke when
  emotionml   W3C EmotionML

A timeline is what analyze and watch write with --format jsonl; a report of it needs no audio and no model. Several calls
go to a folder, a file each, and the same command skips what is finished.

Examples:
  undertone report call.wav --channels caller:customer,agent:employee --out call.html
  undertone report call.wav --channels caller:customer,agent:employee --rules rules.yaml --out call.html
  undertone report call.jsonl --format json | jq .metrics.overtalkRatio
  undertone report call.wav --format vtt --out call.vtt
  undertone report archive/ --out reports/
  undertone report CALL-ID --store calls.db --out call.html`,
    )
    .action(async (files: string[], options: ReportOptions) => {
      if (options.store !== undefined) {
        process.exitCode = await reportKept(files, { ...options, store: options.store });
        return;
      }
      const { reportCalls } = await import('./report-calls.ts');
      process.exitCode = await reportCalls(files, options, analysisRequest(options), interruption());
    });
}

/** The report of a kept call is what its server says; nothing is analysed or judged again. */
async function reportKept(
  callIds: readonly string[],
  options: ReportOptions & { readonly store: string },
): Promise<number> {
  if (options.rules !== undefined) {
    throw new UndertoneError('usage', {
      detail:
        'A kept call has the alerts that were raised; try other rules on it with undertone alerts test, or on the page.',
    });
  }
  const { reportKeptCalls } = await import('./report-kept-calls.ts');
  return reportKeptCalls(callIds, options);
}
