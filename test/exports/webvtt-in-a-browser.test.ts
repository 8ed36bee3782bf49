import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportCall, recordCall } from '../../src/exports/index.ts';
import { eventsOf, type MadeUp, ODD_NAMES } from './call-events.ts';
import { launchChromium } from './chromium.ts';

interface ShownCue {
  readonly startS: number;
  readonly endS: number;
  readonly voice: string | undefined;
  readonly className: string | undefined;
  readonly text: string;
}

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** The cues as Chromium's own parser has them. */
async function shown(change: MadeUp): Promise<readonly ShownCue[]> {
  const page = await browser.newPage();
  const text = exportCall(recordCall(eventsOf(change)), 'webvtt');
  const cues = await page.evaluate(async (vtt): Promise<ShownCue[]> => {
    const track = document.createElement('track');
    track.src = URL.createObjectURL(new Blob([vtt], { type: 'text/vtt' }));
    const loaded = new Promise((resolve, reject) => {
      track.addEventListener('load', resolve);
      track.addEventListener('error', () => reject(new Error('not WebVTT')));
    });
    document.body.appendChild(document.createElement('video')).append(track);
    track.track.mode = 'hidden';
    await loaded;
    return [...(track.track.cues ?? [])].map((cue) => {
      const html = (cue as VTTCue).getCueAsHTML();
      const voice = html.querySelector('span[title]');
      return {
        startS: cue.startTime,
        endS: cue.endTime,
        voice: voice?.getAttribute('title') ?? undefined,
        className: voice?.querySelector('span')?.className,
        text: html.textContent ?? '',
      };
    });
  }, text);
  await page.close();
  return cues;
}

/** A name on one line. */
const line = (text: string): string =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not stand in a cue
    .replace(/[\u0000-\u0020\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim();

describe('WebVTT in Chromium', () => {
  it('has the side as its voice and the emotion as its class', async () => {
    const cues = await shown({ alerts: [], marks: [], turns: [] });
    expect(cues).toEqual([
      { startS: 0, endS: 1, voice: 'caller', className: 'neutral', text: 'neutral 75 %' },
      { startS: 1, endS: 3, voice: 'caller', className: 'anger', text: 'anger 75 %' },
      { startS: 3, endS: 6, voice: 'agent', className: 'happiness', text: 'happiness 75 %' },
      { startS: 4, endS: 6, voice: 'caller', className: 'sadness', text: 'sadness 75 %' },
    ]);
  });

  it('shows any name of a mark, and of a side, as it is', async () => {
    const marks = ODD_NAMES.map((name, index) => [name, index * 5000] as const);
    const found = await shown({ marks, labels: [[], []], alerts: [] });
    expect(found.map(({ text }) => text)).toEqual(ODD_NAMES.map((name) => `▸ ${line(name)}`));
    for (const name of ODD_NAMES) {
      const channels = [{ name, role: 'unknown' as const }];
      const [cue, ...more] = await shown({ channels, labels: [['anger']], turns: [], marks: [], alerts: [] });
      expect(more).toEqual([]);
      expect(cue).toMatchObject({ voice: line(name), text: 'anger 75 %' });
    }
  });
});
