import { UndertoneError } from '../../../errors.ts';
import { excerpt } from '../../../protocol/index.ts';
import type { Store } from '../../../store/index.ts';
import { keptPolicy, withheldRoles } from '../../desk/index.ts';
import { type ReportJob, workOf } from './job.ts';

/** What a kept call can be made into. */
export type KeptFileKind = ReportJob['what'];

/**
 * A report or a file of a kept call, without a server: the same text as the server gives, with what its policy withholds left out.
 *
 * @throws UndertoneError `unknown-call`, `store-unavailable`
 * @example
 * const html = await keptFile(await openStore('calls.db'), 'call-1', { report: 'html' });
 */
export async function keptFile(
  store: Pick<Store, 'timeline' | 'setting'>,
  callId: string,
  what: KeptFileKind,
): Promise<string> {
  const timelines = await store.timeline(callId);
  if (timelines.length === 0) throw new UndertoneError('unknown-call', { callId: excerpt(callId) });
  return workOf({ what, timelines, withheld: withheldRoles(await keptPolicy(store)) });
}
