/**
 * The public API. Everything here is kept stable; what is not here is internal.
 *
 * @example
 * import { createAnalyzer, loadModel } from 'undertone';
 *
 * const analyzer = createAnalyzer({ model: await loadModel('models/default') });
 */
export {
  AUDIO_ENCODINGS,
  type AudioEncoding,
  type AudioFormat,
  openRecording,
  type Recording,
  StreamingResampler,
} from './audio/index.ts';
export { EMOTIONS, type Emotion } from './emotions.ts';
export { asUndertoneError, type ErrorCode, errorTable, UndertoneError } from './errors.ts';
export {
  type CallReport,
  type ExportFormatName,
  exportCall,
  exportFormats,
  type RecordedCall,
  recordCall,
  reportHtml,
  reportJson,
  TimelineRecord,
  timelineSvg,
} from './exports/index.ts';
export { DescriptorExtractor, descriptors, featureSet, MEYDA_DESCRIPTORS, WindowState } from './features/index.ts';
export { loadModel, type ModelManifest, type WindowModel } from './inference/index.ts';
export * from './protocol/index.ts';
export { readEndpoints, recordingKeys, type ServerOptions, startServer } from './server/index.ts';
export { openStore, type Store } from './store/index.ts';
export {
  AlertEngine,
  type AlertRule,
  type Analyzer,
  type AnalyzerOptions,
  type AnalyzerStream,
  CallMeter,
  createAnalyzer,
  judgeTimeline,
  parseAlertRules,
  readAlertRules,
  type StreamOptions,
} from './streams/index.ts';
