export { CONDITION_NAMES, type ConditionName } from './conditions.ts';
export { type CorpusSpec, corpora } from './corpora.ts';
export { type Evaluation, type EvaluationOptions, runEvaluation } from './evaluate.ts';
export { checkEvaluation, type Difference } from './evaluation/metrics-file.ts';
export { PROTOCOL_NAMES, type ProtocolName } from './evaluation/protocols.ts';
export type { EvaluationMetrics } from './evaluation/summary.ts';
export { runTraining, type TrainingOptions, type TrainingProgress, type TrainingResult } from './train.ts';
export type { TrainingReport } from './training-report.ts';
