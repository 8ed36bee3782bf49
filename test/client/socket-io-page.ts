import { connect } from '../../src/client/index.ts';
import { socketIo } from '../../src/client/socket.io.ts';

/** What the browser test calls: streams a tone over Socket.IO, and gives back what came and how. */
async function streamTone(
  url: string,
  apiKey: string | undefined,
  transports: readonly ('polling' | 'websocket')[],
): Promise<object> {
  const transport = socketIo({ transports });
  const connection = connect(url, apiKey === undefined ? { transport } : { apiKey, transport });
  const rate = 16_000;
  const stream = await connection.stream({
    format: { encoding: 'pcm_s16le', sampleRateHz: rate, channels: 1 },
    analysis: { windowMs: 1000, stepMs: 500 },
  });
  const ends: number[] = [];
  stream.windows$.subscribe((window) => ends.push(window.endMs));
  for (let chunk = 0; chunk < 100; chunk += 1) {
    const samples = Int16Array.from({ length: rate / 50 }, (_, n) =>
      Math.round(8000 * Math.sin((2 * Math.PI * 440 * (chunk * (rate / 50) + n)) / rate)),
    );
    await stream.send(new Uint8Array(samples.buffer));
  }
  const { durationMs } = await stream.stop();
  const cursors: number[] = [];
  for await (const event of connection.subscribe(stream.streamId, { from: 'start' })) {
    if ('cursor' in event) cursors.push(event.cursor);
  }
  return { ends, durationMs, cursors };
}

async function refusal(url: string): Promise<string> {
  try {
    await connect(url, { transport: socketIo() }).stream({
      format: { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 },
    });
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'accepted';
}

export const socketIoPage = { streamTone, refusal };
Object.assign(globalThis, { undertoneSocketIoPage: socketIoPage });
