export { EMOTION_COLOURS, STACK_ORDER } from './emotion-colours.ts';
export { TimelineRecord } from './timeline-record.ts';
export { timelineSvg } from './timeline-svg.ts';
