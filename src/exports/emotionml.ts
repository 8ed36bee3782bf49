import { EMOTIONS, type Emotion } from '../emotions.ts';
import type { WindowEvent } from '../protocol/index.ts';
import { type LabelledStretch, type RecordedCall, type RecordedSide, stretchesOf } from './recorded-call.ts';
import { escapeXml } from './xml.ts';

const NAMESPACE = 'http://www.w3.org/2009/10/emotionml';
const DIMENSIONS = 'http://www.w3.org/TR/emotion-voc/xml#pad-dimensions';
/** What EmotionML has no words for: which side of the call. */
const OWN_NAMESPACE = 'urn:undertone:export';

/**
 * EmotionML 1.0 (https://www.w3.org/TR/2014/REC-emotionml-20140522/): an `<emotion>` per stretch of a label. Its vocabulary
 * is the document's own, since `big6` has no neutral. `start` and `end` would be times of day, so positions are given
 * relative to the stream, as `offset-to-start` and `duration` in ms. Arousal and valence, the pleasure of
 * `pad-dimensions`, are mapped from [−1, 1] to [0, 1], the only scale that there is.
 */
export function callEmotionml(call: RecordedCall): string {
  const uri = `urn:undertone:stream:${encodeURIComponent(call.streamId.replace(/\p{Surrogate}/gu, '\ufffd'))}`;
  const emotions = call.sides
    .flatMap((side) => stretchesOf(side).map((stretch) => ({ side, stretch })))
    .sort((a, b) => a.stretch.startMs - b.stretch.startMs || a.side.channel - b.side.channel)
    .flatMap(({ side, stretch }) => emotionElement(side, stretch, uri));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<emotionml version="1.0" xmlns="${NAMESPACE}" xmlns:ut="${OWN_NAMESPACE}" category-set="#emotions" dimension-set="${DIMENSIONS}">`,
    '  <vocabulary type="category" id="emotions">',
    ...EMOTIONS.map((emotion) => `    <item name="${emotion}"/>`),
    '  </vocabulary>',
    ...emotions,
    '</emotionml>',
    '',
  ].join('\n');
}

function emotionElement(side: RecordedSide, stretch: LabelledStretch, uri: string): string[] {
  const { label, startMs, endMs } = stretch;
  const duration = Math.round(endMs) - Math.round(startMs);
  if (label === 'unknown' || duration <= 0) return [];
  const windows = side.windows.filter((window) => window.endMs > startMs && window.endMs <= endMs);
  return [
    `  <emotion time-ref-uri="${escapeXml(uri)}" offset-to-start="${Math.round(startMs)}" duration="${duration}" expressed-through="voice">`,
    `    <info><ut:side channel="${side.channel}" name="${attribute(side.name)}" role="${side.role}"/></info>`,
    ...categories(label, stretch.meanScore, windows),
    ...dimensions(windows),
    '  </emotion>',
  ];
}

/** The label with its score and confidence, then the other emotions as probable as the windows have them. */
function categories(label: Emotion, score: number, windows: readonly WindowEvent[]): string[] {
  const confidence = windows.length === 0 ? '' : ` confidence="${unit(mean(windows, (window) => window.confidence))}"`;
  const others = EMOTIONS.filter((emotion) => emotion !== label).flatMap((emotion) => {
    const value = unit(mean(windows, ({ probabilities }) => probabilities[emotion] ?? 0));
    return value > 0 ? [`    <category name="${emotion}" value="${value}"/>`] : [];
  });
  return [`    <category name="${label}" value="${unit(score)}"${confidence}/>`, ...others];
}

function dimensions(windows: readonly WindowEvent[]): string[] {
  if (windows.length === 0) return [];
  const onScale = (value: number): number => unit((value + 1) / 2);
  return [
    `    <dimension name="pleasure" value="${onScale(mean(windows, ({ valence }) => valence))}"/>`,
    `    <dimension name="arousal" value="${onScale(mean(windows, ({ arousal }) => arousal))}"/>`,
  ];
}

/** 0 for no windows. */
function mean(windows: readonly WindowEvent[], of: (window: WindowEvent) => number): number {
  return windows.reduce((sum, window) => sum + of(window), 0) / Math.max(1, windows.length);
}

/** A value of [0, 1] to four decimals. */
const unit = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;

/** An attribute's line breaks and tabs as references, since a parser would make them spaces. */
const attribute = (text: string): string =>
  escapeXml(text).replaceAll('\n', '&#10;').replaceAll('\r', '&#13;').replaceAll('\t', '&#9;');
