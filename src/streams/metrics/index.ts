export { VoiceSinceWindow } from './added-voice.ts';
export { CallMeter } from './call-meter.ts';
export type { AddedVoice, MeteredEvent, MeteredWindow } from './metered-window.ts';
