import type { Emotion } from '../emotions.ts';
import { EMOTIONS } from '../emotions.ts';
import type { AnalysisRequest, ServerEvent } from '../protocol/index.ts';
import { type AlertRule, readAlertRules } from '../streams/index.ts';
import { rulesText } from './alert-rules.ts';
import { type LocalAnalysisOptions, withAnalysis } from './analyze-recordings.ts';
import type { Formatter } from './formatter.ts';
import { readTimeline } from './read-timeline.ts';
import type { RunRecording } from './run-recordings.ts';

/** What takes calls from files, whether they are recordings or timelines. */
export interface Calls {
  readonly run: RunRecording;
  /** The rules that were given, for a model that knows these emotions. Throws `rules-invalid`. */
  rules(labels: readonly Emotion[]): readonly AlertRule[] | undefined;
  /** What results depend on besides the files. */
  readonly settings: unknown;
}

const isTimeline = (path: string): boolean => path.toLowerCase().endsWith('.jsonl');

/** Lends what takes calls from these files; loads the model only where one of them may be a recording. */
export async function withCalls<T>(
  files: readonly string[],
  { rules: path, ...options }: LocalAnalysisOptions,
  request: AnalysisRequest,
  use: (calls: Calls) => Promise<T>,
): Promise<T> {
  const text = path === undefined ? undefined : await rulesText(path);
  const rules = (labels: readonly Emotion[]): readonly AlertRule[] | undefined =>
    text === undefined ? undefined : readAlertRules(text, labels);
  // What is wrong whatever the files hold is said before any work.
  rules(EMOTIONS);
  if (files.every(isTimeline)) return use({ run: readTimeline, rules, settings: { rules: text } });
  return withAnalysis(options, request, (analysis) => {
    rules(analysis.labels);
    return use({
      run: (file, listener, signal) => (isTimeline(file) ? readTimeline : analysis.run)(file, listener, signal),
      rules,
      settings: { rules: text, analysis: analysis.settings },
    });
  });
}

/** Gathers the events of a call; its text comes at the end. */
export function wholeCall(write: (events: readonly ServerEvent[], labels: readonly Emotion[]) => string): Formatter {
  const events: ServerEvent[] = [];
  return {
    head: '',
    event(event) {
      events.push(event);
      if (event.type !== 'ended') return '';
      const started = events.find((candidate) => candidate.type === 'started');
      return write(events, started?.model.labels ?? EMOTIONS);
    },
  };
}
