import { chromium, type Page } from 'playwright-core';
import { BusyFloor } from '../test/web/busy-floor.ts';
import { DeskServer, forgetBuiltPage } from '../test/web/desk-server.ts';

/**
 * What the floor costs the page: tasks of its main thread, from Chromium's trace, and the time between its frames, while
 * every call changes once a second. `npm run bench:floor [-- calls [seconds [URL]]]`; without the URL of a running server
 * it feeds the page itself.
 */

const [calls = 300, seconds = 20] = process.argv.slice(2, 4).map(Number);
const url = process.argv[4];

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

interface Task {
  readonly wallMs: number;
  /** On a processor. */
  readonly ownMs: number;
  /** What it was spent on, the longest parts. */
  readonly parts: string;
}

async function traced(page: Page, during: () => Promise<void>): Promise<readonly Task[]> {
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

/** Time between frames, ms, as the page sees it. */
const watchFrames = (page: Page): Promise<void> =>
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

const at = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;
const ms = (value: number): string => `${value.toFixed(1)} ms`;

async function measure(view: 'tiles' | 'rows', scroll: boolean): Promise<void> {
  const busy = new BusyFloor(calls);
  const desk = url === undefined ? await DeskServer.start() : undefined;
  desk?.setFloor(busy.calls);
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript((wanted) => localStorage.setItem('undertone.floor', wanted), view);
  await page.goto(url ?? desk?.url ?? '');
  await page.locator('.floor-item').first().waitFor();
  await page.waitForTimeout(2_000);
  await watchFrames(page);
  const timer = setInterval(() => desk?.change(busy.step()), 1_000);
  const tasks = await traced(page, async () => {
    for (let n = 0; n < seconds * 4; n += 1) {
      if (scroll) await page.mouse.wheel(0, n % 40 < 20 ? 240 : -240);
      await page.waitForTimeout(250);
    }
  });
  clearInterval(timer);
  const gaps = (await page.evaluate('gaps')) as number[];
  await browser.close();
  await desk?.close();
  const own = tasks.map(({ ownMs }) => ownMs);
  const worst = [...tasks].sort((a, b) => b.ownMs - a.ownMs)[0];
  console.log(
    [
      `${view}${scroll ? ', scrolling' : ''}: ${tasks.length} tasks, longest ${ms(Math.max(...own))} of processor, ${ms(Math.max(...tasks.map(({ wallMs }) => wallMs)))} of time`,
      `99.9 % ${ms(at(own, 0.999))}; over 50 ms: ${own.filter((task) => task > 50).length}`,
      `${ms(own.reduce((sum, task) => sum + task, 0) / seconds)} a second`,
      `frames: median ${ms(at(gaps, 0.5))}, 99 % ${ms(at(gaps, 0.99))}, longest ${ms(Math.max(...gaps))}`,
      `the longest: ${worst?.parts}`,
    ].join('; '),
  );
}

for (const view of ['tiles', 'rows'] as const) for (const scroll of [false, true]) await measure(view, scroll);
await forgetBuiltPage();
