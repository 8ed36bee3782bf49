export * from './descriptors.ts';
export { DescriptorExtractor, type ExtractorOptions } from './extractor.ts';
export { type FeatureSet, featureSet } from './feature-set.ts';
export { functionalNames } from './functionals.ts';
export { MEYDA_DESCRIPTORS, type MeydaDescriptor, meydaValueNames } from './meyda.ts';
export { SPEECH_LAYERS, SpeechDetector } from './speech.ts';
export { SPEECH_INPUTS, SpeechInputs } from './speech-inputs.ts';
export { type SpeechLayers, SpeechNetwork, speechLayout } from './speech-network.ts';
export { SPEECH_THRESHOLD, WindowState } from './window-state.ts';
