import { type Browser, chromium } from 'playwright-core';

/** Debian's Chromium; the caller closes it. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
