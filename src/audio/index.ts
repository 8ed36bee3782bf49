export * from './encode-samples.ts';
export * from './format.ts';
export { alawToLinear, linearToAlaw, linearToMulaw, mulawToLinear } from './g711.ts';
export * from './hop-framer.ts';
export * from './resampler.ts';
export * from './sample-decoder.ts';
export * from './valid-format.ts';
