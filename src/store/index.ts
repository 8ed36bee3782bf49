export { openStore } from './open.ts';
export type {
  ErasedCalls,
  KeptDelivery,
  KeptRecording,
  KeptTimeline,
  Store,
  StoreItem,
  StreamOpening,
} from './store.ts';
export { StoreWriter, type StoreWriterOptions, type StoreWriterStatus } from './writer.ts';
