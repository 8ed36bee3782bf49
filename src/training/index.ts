export { type CorpusSpec, corpora } from './corpora.ts';
export { runTraining, type TrainingOptions, type TrainingProgress, type TrainingResult } from './train.ts';
export type { TrainingReport } from './training-report.ts';
