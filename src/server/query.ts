import { UndertoneError } from '../errors.ts';
import { isPrintableName } from '../protocol/index.ts';

/** What a subscription asks for. */
export type SubscribeQuery =
  | { readonly everything: true }
  | {
      readonly everything: false;
      readonly streamId: string;
      readonly from?: number | 'start';
      /** Whether to wait for a stream that is not there. */
      readonly wait: boolean;
    };

const invalid = (detail: string): UndertoneError => new UndertoneError('invalid-query', { detail });

/**
 * `stream=ID|*`, `from=CURSOR|start`, `wait=true|false`.
 *
 * @throws UndertoneError `invalid-query`
 */
export function parseSubscribeQuery(query: URLSearchParams): SubscribeQuery {
  const stream = query.get('stream');
  const from = query.get('from');
  const wait = query.get('wait') ?? 'true';
  if (stream === null) throw invalid('stream is missing; give a stream id, or * for all');
  if (wait !== 'true' && wait !== 'false') throw invalid('wait must be true or false');
  if (stream === '*') {
    if (from !== null) throw invalid('from needs the id of one stream; * is live only');
    return { everything: true };
  }
  if (!isPrintableName(stream)) throw invalid('stream must be 1 to 128 printable characters');
  const base = { everything: false, streamId: stream, wait: wait === 'true' } as const;
  if (from === null) return base;
  if (from === 'start') return { ...base, from };
  const cursor = /^\d{1,15}$/.test(from) ? Number(from) : Number.NaN;
  if (Number.isNaN(cursor)) throw invalid('from must be a cursor or start');
  return { ...base, from: cursor };
}
