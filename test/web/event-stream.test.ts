import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamParser, type SentEvent } from '../../src/web/event-stream.ts';

function parse(...pieces: string[]): SentEvent[] {
  const parser = new EventStreamParser();
  const events: SentEvent[] = [];
  for (const piece of pieces) parser.push(piece, (event) => events.push(event));
  return events;
}

describe('the parser of event streams', () => {
  // The examples of https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
  it.each([
    ['data: YHOO\ndata: +2\ndata: 10\n\n', [{ event: 'message', data: 'YHOO\n+2\n10' }]],
    [
      ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
      [
        { event: 'message', data: 'first event' },
        { event: 'message', data: 'second event' },
        { event: 'message', data: ' third event' },
      ],
    ],
    [
      'data\n\ndata\ndata\n\ndata:',
      [
        { event: 'message', data: '' },
        { event: 'message', data: '\n' },
      ],
    ],
    [
      'data:test\n\ndata: test\n\n',
      [
        { event: 'message', data: 'test' },
        { event: 'message', data: 'test' },
      ],
    ],
    ['event: floor\ndata: {"a":"b: c"}\n\n', [{ event: 'floor', data: '{"a":"b: c"}' }]],
    ['event: nothing\n\ndata: x\n\n', [{ event: 'message', data: 'x' }]],
    ['data: unfinished', []],
  ])('reads %j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it('remembers the last id and the pause that the server asks for', () => {
    const parser = new EventStreamParser();
    const none = (): void => undefined;
    parser.push('id: 7\nretry: 3000\ndata: x\n\n', none);
    expect([parser.lastEventId, parser.retryMs]).toEqual(['7', 3000]);
    parser.push('id: with\0null\nretry: soon\ndata: x\n\n', none);
    expect([parser.lastEventId, parser.retryMs]).toEqual(['7', 3000]);
    parser.push('id\ndata: x\n\n', none);
    expect(parser.lastEventId).toBe('');
  });

  it('reads the same from pieces of any size and with any ends of lines', () => {
    const line = fc.stringMatching(/^[a-zäß€{}": 0-9]{0,12}$/);
    const events = fc.array(fc.array(line, { minLength: 1, maxLength: 3 }), { maxLength: 6 });
    fc.assert(
      fc.property(events, fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(40)), (all, end, cuts) => {
        const text = all.map((lines) => `${lines.map((each) => `data: ${each}${end}`).join('')}${end}`).join('');
        const pieces: string[] = [];
        let at = 0;
        for (const cut of cuts) {
          pieces.push(text.slice(at, at + cut));
          at += cut;
        }
        // A carriage return alone at the very end may be half of CR LF, so something has to follow it.
        pieces.push(text.slice(at), ': \n');
        expect(parse(...pieces)).toEqual(all.map((lines) => ({ event: 'message', data: lines.join('\n') })));
      }),
    );
  });
});
