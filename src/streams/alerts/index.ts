export { AlertEngine, type AlertEngineOptions } from './engine.ts';
export { MEASURE_NAMES, type MeasureName } from './measures.ts';
export { type ParsedRules, parseAlertRules, readAlertRules } from './parse-rules.ts';
export type { RuleProblem } from './rule-reader.ts';
export { type AlertRule, type Condition, needsLength, type TimeRange } from './rules.ts';
