import { chromium, type Page, type WebSocketRoute } from 'playwright-core';
import { DeskServer, forgetBuiltPage } from '../test/web/desk-server.ts';
import { longCall, windowOf } from '../test/web/long-call.ts';
import { at, ms, type Task, traced, watchFrames } from './trace.ts';

/**
 * What a long call costs the page: tasks of its main thread, from Chromium's trace, while it is opened, pointed at, looked at
 * closer, scrubbed, and grows live. `npm run bench:call [-- minutes]`.
 */

const [minutes = 60] = process.argv.slice(2, 3).map(Number);
const steps = minutes * 120;

function report(what: string, tasks: readonly Task[], gaps: readonly number[]): void {
  const own = tasks.map(({ ownMs }) => ownMs);
  const worst = [...tasks].sort((a, b) => b.ownMs - a.ownMs)[0];
  console.log(
    [
      `${what}: longest task ${ms(Math.max(0, ...own))} of processor`,
      `over 50 ms: ${own.filter((task) => task > 50).length} of ${own.length}`,
      `frames: median ${ms(at(gaps, 0.5))}, 99 % ${ms(at(gaps, 0.99))}`,
      worst !== undefined && worst.ownMs > 20 ? `the longest: ${worst.parts}` : '',
    ]
      .filter((part) => part !== '')
      .join('; '),
  );
}

async function measured(page: Page, what: string, during: () => Promise<void>): Promise<void> {
  await watchFrames(page);
  const tasks = await traced(page, during);
  report(what, tasks, (await page.evaluate('gaps')) as number[]);
}

const desk = await DeskServer.start();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const kept = longCall('kept', steps);
const live = longCall('live', steps, { state: 'live' });
desk.on('GET', /^\/v1\/calls\/([^/]+)$/, ({ groups: [id] }) => ({ json: (id === 'live' ? live : kept).detail }));
desk.on('GET', /^\/v1\/calls\/([^/]+)\/timeline$/, ({ groups: [id] }) => ({
  json: (id === 'live' ? live : kept).points,
}));
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
let socket: WebSocketRoute | undefined;
await page.routeWebSocket(/\/v1\/subscribe/, (route) => {
  socket = route;
});
await page.goto(desk.url);
await page.getByText('It is quiet').waitFor();
const first = page.locator('.call-leg canvas').first();

await measured(page, `opening ${minutes} min of two sides`, async () => {
  await page.evaluate(() => {
    location.hash = '#/calls/kept';
  });
  await first.waitFor();
  await page.waitForTimeout(1_000);
});
const box = (await page.getByRole('group', { name: 'Timeline of the call' }).boundingBox())!;
await measured(page, 'pointing', async () => {
  for (let n = 0; n < 200; n += 1) {
    await page.mouse.move(box.x + (n / 200) * box.width, box.y + 90);
    await page.waitForTimeout(16);
  }
});
for (const chart of ['Arousal and valence', 'Level and pitch', 'Emotions']) {
  await page.getByText(chart, { exact: true }).click();
  await measured(page, `closer and further, ${chart.toLowerCase()}`, async () => {
    await page.keyboard.down('Control');
    await page.mouse.move(box.x + 0.6 * box.width, box.y + 90);
    for (let n = 0; n < 80; n += 1) {
      await page.mouse.wheel(0, n < 40 ? -60 : 60);
      await page.waitForTimeout(25);
    }
    await page.keyboard.up('Control');
  });
}
await measured(page, 'scrubbing by the overview', async () => {
  await page.keyboard.press('0');
  const overview = (await page.locator('.call-overview').boundingBox())!;
  await page.keyboard.down('Control');
  for (let n = 0; n < 12; n += 1) await page.mouse.wheel(0, -60);
  await page.keyboard.up('Control');
  await page.mouse.move(overview.x + 4, overview.y + 8);
  await page.mouse.down();
  for (let n = 0; n < 120; n += 1) {
    await page.mouse.move(overview.x + (n / 120) * overview.width, overview.y + 8);
    await page.waitForTimeout(16);
  }
  await page.mouse.up();
});

await page.evaluate(() => {
  location.hash = '#/calls/live';
});
await page.getByText('live', { exact: true }).first().waitFor();
await first.waitFor();
await page.waitForTimeout(1_000);
let step = steps;
let cursor = 1;
/** Both sides, a step of the analysis. */
const grow = (): void => {
  for (const side of [0, 1]) {
    socket?.send(JSON.stringify(windowOf('live', side, step, cursor)));
    cursor += 1;
  }
  step += 1;
};
await measured(page, `growing live at ten times its speed for 20 s (from ${minutes} min)`, async () => {
  for (let n = 0; n < 400; n += 1) {
    grow();
    await page.waitForTimeout(50);
  }
});
const session = await page.context().newCDPSession(page);
const heapMb = async (): Promise<number> => {
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
};
const before = await heapMb();
const from = step;
while (step < from + 7_200) {
  for (let n = 0; n < 100; n += 1) grow();
  await page.waitForTimeout(30);
}
await page.waitForTimeout(2_000);
const after = await heapMb();
console.log(`memory: ${before.toFixed(1)} MiB; an hour of live windows later ${after.toFixed(1)} MiB`);
await browser.close();
await desk.close();
await forgetBuiltPage();
