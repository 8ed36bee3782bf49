import { setTimeout as sleep } from 'node:timers/promises';
import type { WindowModel } from '../../inference/index.ts';
import { encodeEvent, type TimelineEvent, type WindowEvent } from '../../protocol/index.ts';
import { createAnalyzer } from '../../streams/index.ts';
import { disk } from './disk.ts';
import type { RecordingIndex } from './recording-index.ts';
import { RecordingReader } from './recording-reader.ts';

/** A recorded stream that is to be analysed again. */
export interface RecordingJob {
  readonly path: string;
  /** Of the file, for errors. */
  readonly name: string;
  readonly index: RecordingIndex;
  /** Its events as they are kept. */
  readonly events: readonly string[];
}

export interface RecordingResult {
  readonly streamId: string;
  readonly events: readonly string[];
  /** Windows that have a label in both analyses, and those of them that have the same one. */
  readonly compared: number;
  readonly agreed: number;
}

/** Of its time this much is left to others: it is in no hurry, and a small machine has live calls to hear. */
const REST = 0.5;

/**
 * Analyses a recording as its stream was analysed live: the same settings, gaps, marks, conditions, spacing of windows and alert
 * rules, in the same order. The clock is left out, so that `latencyMs` is 0.
 *
 * @param signal ends it, where that is not done by ending its thread
 * @throws UndertoneError `file-damaged`, and what the analysis throws
 */
export async function analyseRecording(
  { path, name, index, events: kept }: RecordingJob,
  model: WindowModel,
  signal?: AbortSignal,
): Promise<RecordingResult> {
  const { streamId, callId, format, channels, analysis } = index.info;
  // Windows that are due go through the model together, once a chunk.
  const analyzer = createAnalyzer({ model, schedule: () => {} });
  const stream = analyzer.open({ streamId, callId, format, channels, analysis });
  const events: string[] = [];
  const labels = new Labels();
  let failure: unknown;
  stream.events.subscribe({
    next: (event) => {
      events.push(encodeEvent(event));
      if (event.type === 'window') labels.add(event);
    },
    error: (error: unknown) => {
      failure = error;
    },
  });
  const reader = await RecordingReader.open(disk, path, name, [], index);
  try {
    for await (const item of reader.items()) {
      signal?.throwIfAborted();
      const beganMs = performance.now();
      switch (item.kind) {
        case 'audio':
          stream.push(item.bytes);
          analyzer.flush();
          await sleep(((performance.now() - beganMs) * REST) / (1 - REST));
          break;
        case 'gap':
          stream.gap(item.durationMs);
          break;
        case 'mark':
          stream.mark(item.name);
          break;
        case 'status':
          stream.status(item.code, item.message);
          break;
        case 'stretch':
          stream.stretch(item.factor);
          break;
        case 'rules':
          stream.replaceRules(item.rules);
      }
      if (failure !== undefined) throw failure;
    }
  } finally {
    await reader.close();
  }
  stream.stop(index.end?.reason ?? 'disconnect');
  if (failure !== undefined) throw failure;
  return { streamId, events, ...labels.compare(kept) };
}

/** Labels of windows, by channel and sequence number. */
class Labels {
  readonly #labels = new Map<string, WindowEvent['label']>();

  add({ channel, seq, label }: WindowEvent): void {
    this.#labels.set(`${channel} ${seq}`, label);
  }

  compare(kept: readonly string[]): Pick<RecordingResult, 'compared' | 'agreed'> {
    let compared = 0;
    let agreed = 0;
    for (const text of kept) {
      // Most of the rest need not be parsed: the type is the first that is written of an event.
      if (!text.startsWith('{"type":"window"')) continue;
      const { channel, seq, label } = JSON.parse(text) as WindowEvent & TimelineEvent;
      const other = this.#labels.get(`${channel} ${seq}`);
      if (label === 'unknown' || other === undefined || other === 'unknown') continue;
      compared += 1;
      if (label === other) agreed += 1;
    }
    return { compared, agreed };
  }
}
