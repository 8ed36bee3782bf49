import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../src/audio/index.ts';
import { featureSet } from '../../src/features/index.ts';
import { createAnalyzer } from '../../src/streams/index.ts';
import { babble } from './babble.ts';
import { fakeManifest, LinearModel } from './fake-model.ts';

const PACKET_MS = 20;
const HOPS = 100_000;
const HOPS_PER_PACKET = PACKET_MS / 10;
/**
 * A hop's results are some hundred numbers. V8 makes a short-lived object of 16 bytes of a number that a function that is not
 * inlined returns; some of those are left. One object or array a hop would add at least as much for each of its fields.
 */
const MOST_BYTES_PER_HOP = 300;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

describe.each<AudioFormat>([
  { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 },
  { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 },
])('the whole pipeline over 100,000 hops of $encoding', (format) => {
  it('makes no objects, arrays or views per hop, and what it holds does not grow', () => {
    const model = new LinearModel(fakeManifest(featureSet));
    const stream = createAnalyzer({ model }).open({
      streamId: 's',
      callId: 's',
      format,
      channels: [{ name: 'mixed', role: 'unknown' }],
      // Windows make events, which are objects; here few fall due.
      analysis: { windowMs: 3000, stepMs: 30_000, descriptors: [] },
    });
    stream.events.subscribe();
    const bytes = babble(format, 20);
    const packetBytes = (bytes.length * PACKET_MS) / 20_000;
    const packets = Array.from({ length: 20_000 / PACKET_MS }, (_, index) =>
      bytes.subarray(index * packetBytes, (index + 1) * packetBytes),
    );
    let next = 0;
    const push = (hops: number): void => {
      for (let packet = 0; packet < hops / HOPS_PER_PACKET; packet += 1) {
        stream.push(packets[next % packets.length]!, 1);
        next += 1;
      }
    };
    // Until everything has been compiled.
    push(30_000);
    collect();
    const heldBefore = process.memoryUsage().heapUsed;
    let made = 0;
    let before = heldBefore;
    for (let hops = 0; hops < HOPS; hops += 500) {
      push(500);
      const now = process.memoryUsage().heapUsed;
      // Where there was a collection in between, what came before it is not seen; most parts are without one.
      if (now > before) made += now - before;
      before = now;
    }
    collect();
    const held = process.memoryUsage().heapUsed - heldBefore;
    expect(made / HOPS).toBeLessThan(MOST_BYTES_PER_HOP);
    expect(held).toBeLessThan(500_000);
  }, 120_000);
});
