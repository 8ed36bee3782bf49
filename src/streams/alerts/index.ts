export { AlertEngine, type AlertEngineOptions } from './engine.ts';
export { judgeTimeline } from './judge-timeline.ts';
export { isFelt, MEASURE_NAMES, type MeasureName } from './measures.ts';
export { type ParsedRules, parseAlertRules, readAlertRules } from './parse-rules.ts';
export { type Entries, type RuleProblem, RuleReader } from './rule-reader.ts';
export { type AlertRule, type Condition, needsLength, rolesOf, type TimeRange } from './rules.ts';
export { withholdRoles } from './withhold-roles.ts';
export { writeAlertRules } from './write-rules.ts';
