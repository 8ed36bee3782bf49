export {
  AlertEngine,
  type AlertEngineOptions,
  type AlertRule,
  type Condition,
  type Entries,
  isFelt,
  judgeTimeline,
  MEASURE_NAMES,
  needsLength,
  type ParsedRules,
  parseAlertRules,
  type RuleProblem,
  RuleReader,
  readAlertRules,
  rolesOf,
  withholdRoles,
  writeAlertRules,
} from './alerts/index.ts';
export { createAnalyzer, type LocalAnalyzer, type LocalStream } from './analyzer.ts';
export { placeOf } from './circumplex.ts';
export { interpolate } from './label.ts';
export { type AddedVoice, CallMeter, type MeteredEvent, type MeteredWindow } from './metrics/index.ts';
export { analysis, decision, hear, smoothed } from './pipeline.ts';
export type { Beside, DueWindow, Prediction, StreamInput } from './signals.ts';
export type {
  Analyzer,
  AnalyzerOptions,
  AnalyzerStream,
  ChannelCheckpoint,
  Checkpoint,
  StreamObserver,
  StreamOptions,
} from './types.ts';
