import type { ServerEvent } from '../protocol/index.ts';

export const OUTPUT_FORMATS = ['table', 'jsonl', 'csv'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Turns the events of one recording, or of one subscription, into text. Knows no streams and no files. */
export interface Formatter {
  /** What stands once above everything, with its line end; empty for none. */
  readonly head: string;
  /** The text of an event with its line end; empty where the format does not show it. `wire` is the event as it was sent. */
  event(event: ServerEvent, wire: string): string;
}

/** A form of results: what a recording becomes, and the files it goes to. */
export interface ResultForm {
  readonly name: string;
  /** Of files, with its dot. */
  readonly ending: string;
  /** Whether it is read by people, so that other rows may stand beside it. */
  readonly forPeople: boolean;
  formatter(path: string): Formatter;
}
