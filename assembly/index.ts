/** The two transforms of a hop in WebAssembly SIMD; bit for bit what src/features/fft.ts and pitch-fft.ts compute. */
export {
  FIRST_TURNS,
  POWER,
  powerSpectrum,
  SAMPLES,
  SECOND_TURNS,
  THIRD_TURNS,
  UNPACK_IM,
  UNPACK_RE,
} from './power-spectrum';
export {
  autocorrelate,
  FOLD_IM,
  FOLD_RE,
  FRAME,
  LAGS,
  SOUND,
  TURNS_384,
  TURNS_64,
  UNFOLD_IM,
  UNFOLD_RE,
  WINDOW,
  windowFrame,
} from './autocorrelation';
export {
  SPEECH_FIRST,
  SPEECH_INPUT,
  SPEECH_OUTPUT,
  SPEECH_SECOND,
  speechLogit,
} from './speech-network';
