import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEvent } from '../../src/protocol/index.ts';
import { packEvents, unpackEvents } from '../../src/store/intake/block.ts';
import { StreamScript } from './script.ts';

const bytesOf = (texts: readonly string[]): Uint8Array[] => texts.map((text) => Buffer.from(text));

/** `packEvents` of the two events below. */
const GOLDEN = 'w1MBF2OtgcElL6yINzQyNSBgQTGO5Ex6cVALAA==';

describe('a block of a timeline', () => {
  it('gives back what was packed, whatever it says', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 20 }), (names) => {
        const texts = names.map((each, cursor) =>
          encodeEvent({ type: 'mark', streamId: each, cursor, name: each, atMs: 1 }),
        );
        // What goes over the wire: half surrogate pairs are escaped in JSON.
        const sent = bytesOf(texts);
        expect(unpackEvents(packEvents(sent))).toEqual(sent.map((bytes) => Buffer.from(bytes).toString()));
      }),
    );
  });

  it('is what a block of this codec always was', () => {
    // Raw deflate with the first dictionary. A change of either needs a new codec: these bytes are in files that exist.
    const body = Buffer.from(GOLDEN, 'base64');
    expect(unpackEvents({ codec: 1, body })).toEqual([
      '{"type":"mark","streamId":"s","cursor":0,"name":"hold","atMs":1250}',
      '{"type":"window","streamId":"s","cursor":1,"channel":0,"channelName":"caller","role":"customer","seq":0}',
    ]);
  });

  it('is a fraction of its events', () => {
    const script = new StreamScript();
    script.window(0, 5000, 'anger').window(1, 5000, 'neutral');
    const { body } = packEvents(bytesOf(script.texts));
    expect(body.length).toBeLessThan(script.texts.join('').length / 4);
  });

  it('that is damaged, or of a codec to come, is said to be', () => {
    const { codec, body } = packEvents(bytesOf(new StreamScript().window(0, 500).texts));
    const damaged = Uint8Array.from(body, (byte, index) => (index === 2 ? byte ^ 0xff : byte));
    for (const block of [
      { codec, body: body.subarray(0, 5) },
      { codec: 2, body },
      { codec, body: new Uint8Array(3).fill(0xff) },
    ]) {
      expect(() => unpackEvents(block)).toThrow('a part of a timeline is damaged');
    }
    // A damage may leave something that can be read: not what was written.
    let text: readonly string[] = [];
    try {
      text = unpackEvents({ codec, body: damaged });
    } catch {}
    expect(text).not.toEqual(new StreamScript().window(0, 500).texts);
  });
});
