import { asUndertoneError, type ErrorCode, reportedError, type UndertoneError } from '../../errors.ts';
import type { Store, StoreItem } from '../store.ts';

/** What can be asked of the store in its thread. */
export type Method = Exclude<keyof Store, 'kind' | 'write'>;

export interface ThreadSetup {
  readonly url: string;
}

export type Request =
  | { readonly id: number; readonly method: Method; readonly args: readonly unknown[] }
  | { readonly id: number; readonly method: 'write'; readonly batch: PackedItems };

/** The first has the number 0: the store is open, or cannot be. */
export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorReport };

export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  /** What broke inside; it names no value of a call. */
  readonly cause: string;
}

type EventItem = Extract<StoreItem, { kind: 'event' }>;
/** An item whose bytes are at the next place of the batch's memory. */
type PackedItem = Exclude<StoreItem, EventItem> | (Omit<EventItem, 'bytes'> & { readonly length: number });

/** A batch in one piece of memory, which is handed over to the thread. */
export interface PackedItems {
  readonly items: readonly PackedItem[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function packItems(items: readonly StoreItem[]): PackedItems {
  const size = items.reduce((sum, item) => sum + (item.kind === 'event' ? item.bytes.length : 0), 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  const packed = items.map((item): PackedItem => {
    if (item.kind !== 'event') return item;
    bytes.set(item.bytes, at);
    at += item.bytes.length;
    return { kind: 'event', runId: item.runId, atMs: item.atMs, length: item.bytes.length };
  });
  return { items: packed, bytes };
}

export function unpackItems({ items, bytes }: PackedItems): readonly StoreItem[] {
  let at = 0;
  return items.map((item): StoreItem => {
    if (item.kind !== 'event') return item;
    const { runId, atMs, length } = item;
    at += length;
    return { kind: 'event', runId, atMs, bytes: bytes.subarray(at - length, at) };
  });
}

export function reportOf(thrown: unknown): ErrorReport {
  const error = asUndertoneError(thrown);
  const { cause } = error;
  return { code: error.code, message: error.message, cause: cause instanceof Error ? (cause.stack ?? '') : '' };
}

export function errorOf({ code, message, cause }: ErrorReport): UndertoneError {
  const error = reportedError(code, message);
  if (cause !== '') error.cause = new Error(cause);
  return error;
}
