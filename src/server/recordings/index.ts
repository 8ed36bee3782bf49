export { recordingKeys } from './keys.ts';
export { openReanalysis } from './reanalysis.ts';
export { openRecordings } from './recordings.ts';
export type {
  PlacedRecording,
  Reanalysis,
  ReanalysisOptions,
  RecordedAudio,
  Recordings,
  RecordingsOptions,
  RecordingsStatus,
  Waveform,
} from './types.ts';
