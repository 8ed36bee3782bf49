import { chromium } from 'playwright-core';
import { BusyFloor } from '../test/web/busy-floor.ts';
import { DeskServer, forgetBuiltPage } from '../test/web/desk-server.ts';
import { at, ms, traced, watchFrames } from './trace.ts';

/**
 * What the floor costs the page: tasks of its main thread, from Chromium's trace, and the time between its frames, while
 * every call changes once a second. `npm run bench:floor [-- calls [seconds [URL]]]`; without the URL of a running server
 * it feeds the page itself.
 */

const [calls = 300, seconds = 20] = process.argv.slice(2, 4).map(Number);
const url = process.argv[4];

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
