export { CONDITION_NAMES, type ConditionName } from './conditions.ts';
export { type CorpusSpec, corpora } from './corpora.ts';
export { type Evaluation, type EvaluationOptions, runEvaluation } from './evaluate.ts';
export { runTraining, type TrainingOptions, type TrainingProgress, type TrainingResult } from './train.ts';
export type { TrainingReport } from './training-report.ts';
