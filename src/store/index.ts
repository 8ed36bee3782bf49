export { openStore } from './open.ts';
export { type HandledAlert, handled, UNHANDLED } from './queries/alerts.ts';
export { pointsOf } from './queries/points.ts';
export type {
  AnalysisResult,
  ErasedCalls,
  KeptDelivery,
  KeptRecording,
  KeptTimeline,
  Store,
  StoreItem,
  StreamOpening,
} from './store.ts';
export { StoreWriter, type StoreWriterOptions, type StoreWriterStatus } from './writer/writer.ts';
