import { describe, expect, it } from 'vitest';
import { featureSet } from '../../src/features/index.ts';
import {
  type ChannelDescription,
  type DialectAction,
  dialectSimulators,
  type WindowEvent,
  type WireFormat,
} from '../../src/protocol/index.ts';
import { type Analyzer, type AnalyzerStream, createAnalyzer } from '../../src/streams/index.ts';
import { babble } from '../streams/babble.ts';
import { fakeManifest, LinearModel } from '../streams/fake-model.ts';
import { dialectOf, simulated } from './conversation.ts';

const analysis = { windowMs: 1_000, stepMs: 250, descriptors: [] };
type Window = Omit<WindowEvent, 'streamId' | 'cursor' | 'channel' | 'channelName' | 'role'>;

/** The windows of every side of the streams of one call, in the order in which the sides were opened. */
class Listener {
  readonly sides: Window[][] = [];
  readonly #analyzer: Analyzer = createAnalyzer({ model: new LinearModel(fakeManifest(featureSet)) });
  readonly #legs = new Map<string, AnalyzerStream>();

  open(leg: string, format: WireFormat, channels: readonly ChannelDescription[]): AnalyzerStream {
    const stream = this.#analyzer.open({ streamId: leg, callId: 'call', format, channels, analysis });
    const first = this.sides.length;
    for (let channel = 0; channel < format.channels; channel += 1) this.sides.push([]);
    stream.events.subscribe((event) => {
      if (event.type !== 'window') return;
      const { streamId: _, cursor: __, channel, channelName: ___, role: ____, ...window } = event;
      this.sides[first + channel]!.push(window);
    });
    this.#legs.set(leg, stream);
    return stream;
  }

  take(action: DialectAction): void {
    if (action.kind === 'open') this.open(action.leg, action.start.format, action.start.channels);
    if (!('leg' in action)) return;
    const stream = this.#legs.get(action.leg)!;
    if (action.kind === 'audio') stream.push(action.bytes);
    if (action.kind === 'gap') stream.gap(action.durationMs);
    if (action.kind === 'close') stream.stop(action.reason);
  }
}

const cases = dialectSimulators.map((simulator) => ({
  name: simulator.name,
  simulator,
  format: simulator.formats[0]!,
}));

describe.each(cases)('a call of $name, $format.encoding', ({ simulator, name, format }) => {
  it('gives the windows of its recording on each side, number by number', () => {
    const bytes = babble(format, 4.25);
    const direct = new Listener();
    const channels = Array.from({ length: format.channels }, (_, index) => ({
      name: `${index}`,
      role: 'unknown' as const,
    }));
    const stream = direct.open('recording', format, channels);
    stream.push(bytes);
    stream.stop('stop');
    const heard = new Listener();
    for (const action of simulated(simulator, format, [bytes], dialectOf(name))) heard.take(action);
    expect(direct.sides[0]!.length).toBe(17);
    expect(heard.sides).toEqual(direct.sides);
  });
});
