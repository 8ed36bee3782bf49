import type { Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  /** Wall clock, µs; on a machine that does other things too it counts what those took. */
  readonly dur?: number;
  /** Of its own thread, µs. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

export interface Task {
  readonly wallMs: number;
  /** On a processor. */
  readonly ownMs: number;
  /** What it was spent on, the longest parts. */
  readonly parts: string;
}

/** Tasks of the page's main thread while something is done. */
export async function traced(page: Page, during: () => Promise<void>): Promise<readonly Task[]> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline', 'devtools.timeline', 'toplevel'] },
  });
  await during();
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  const main = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const own = events.filter(
    (event) => event.ph === 'X' && main.some(({ pid, tid }) => pid === event.pid && tid === event.tid),
  );
  return own
    .filter(({ name }) => name === 'RunTask')
    .map((task) => ({
      wallMs: (task.dur ?? 0) / 1000,
      ownMs: (task.tdur ?? task.dur ?? 0) / 1000,
      parts: (task.tdur ?? 0) > 20_000 ? partsOf(task, own) : '',
    }));
}

function partsOf({ ts, dur = 0 }: TraceEvent, own: readonly TraceEvent[]): string {
  return own
    .filter((event) => event.name !== 'RunTask' && event.ts >= ts && event.ts <= ts + dur && (event.tdur ?? 0) > 3000)
    .map(({ name, tdur = 0 }) => `${name} ${ms(tdur / 1000)}`)
    .join(', ');
}

/** Gathers the time between frames, ms, as the page sees it, in `gaps`. */
export const watchFrames = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const gaps: number[] = [];
    Object.assign(globalThis, { gaps });
    let last = performance.now();
    const frame = (): void => {
      const now = performance.now();
      gaps.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });

/** The value that a share of all does not exceed. */
export const at = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;
export const ms = (value: number): string => `${value.toFixed(1)} ms`;
