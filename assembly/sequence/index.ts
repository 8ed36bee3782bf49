// AssemblyScript, built by `npm run kernel`: what the sequence network is computed with, in training and in serving.
export { convolve, gram, pack, packTransposed } from './products';
export { activate, deactivate, denormalise, moments, rectify, seed } from './layers';
export { squash, unsquash, unweigh, weigh } from './attention';
