import { connect } from '../../src/client/index.ts';

/** What the browser test calls: streams a tone, as bytes, and gives back what came. */
async function streamTone(url: string, apiKey: string | undefined): Promise<object> {
  const rate = 16_000;
  const stream = await connect(url, apiKey === undefined ? {} : { apiKey }).stream({
    format: { encoding: 'pcm_s16le', sampleRateHz: rate, channels: 1 },
    analysis: { windowMs: 1000, stepMs: 500 },
  });
  const types: string[] = [];
  const ends: number[] = [];
  stream.events$.subscribe((event) => types.push(event.type));
  stream.windows$.subscribe((window) => ends.push(window.endMs));
  for (let chunk = 0; chunk < 100; chunk += 1) {
    const samples = Int16Array.from({ length: rate / 50 }, (_, n) =>
      Math.round(8000 * Math.sin((2 * Math.PI * 440 * (chunk * (rate / 50) + n)) / rate)),
    );
    await stream.send(new Uint8Array(samples.buffer));
  }
  const ended = await stream.stop();
  return { types: [...new Set(types)], ends, durationMs: ended.durationMs, streamId: stream.streamId };
}

async function readHistory(url: string, apiKey: string | undefined, streamId: string): Promise<number[]> {
  const cursors: number[] = [];
  const options = apiKey === undefined ? {} : { apiKey };
  for await (const event of connect(url, options).subscribe(streamId, { from: 'start' })) {
    if ('cursor' in event) cursors.push(event.cursor);
  }
  return cursors;
}

async function refusal(url: string): Promise<string> {
  try {
    await connect(url).stream({ format: { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 } });
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'accepted';
}

export const page = { streamTone, readHistory, refusal };
Object.assign(globalThis, { undertonePage: page });
