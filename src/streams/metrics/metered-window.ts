import type { AddedVoice, TimelineEvent, WindowEvent } from '../../protocol/index.ts';

export type { AddedVoice };

/** A window as call metrics take it. The voice and the open turn may be missing, as in a window made elsewhere; the figures say so. */
export type MeteredWindow = Omit<WindowEvent, 'added' | 'openTurn'> & Partial<Pick<WindowEvent, 'added' | 'openTurn'>>;

export type MeteredEvent = Exclude<TimelineEvent, WindowEvent> | MeteredWindow;
