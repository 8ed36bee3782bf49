export type {
  PlacedRecording,
  Reanalysis,
  ReanalysisOptions,
  RecordedAudio,
  RecordedStream,
  Recordings,
  RecordingsOptions,
  RecordingsStatus,
  StreamTap,
  Waveform,
} from './types.ts';
