export type { ModelManifest } from './manifest.ts';
export type { WindowModel } from './model.ts';
