import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openRecording } from '../../src/audio/index.ts';
import { connect, type LiveStream } from '../../src/client/index.ts';
import { loadModel, type WindowModel } from '../../src/inference/index.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../src/server/index.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { readAlertRules } from '../../src/streams/index.ts';
import { builtPage } from './desk-server.ts';

/** Two sides, 45 s, synthetic voices. */
export const DEMO_CALL = resolve(import.meta.dirname, '../../examples/demo-call.wav');
const MODEL = resolve(import.meta.dirname, '../../models/default');
export const CHANNELS = [
  { name: 'customer', role: 'customer' },
  { name: 'agent', role: 'employee' },
] as const;

/** A rule that the demo call raises and clears. */
export const RULES = `rules:
  - name: customer is happy
    severity: high
    when: { measure: happiness, of: customer, above: 0.5, hysteresis: 0.1 }
    for: 2 s
`;

/** Everything that `undertone serve` has: a store in a file, recordings, rules, the page. */
export class RealServer {
  readonly url: string;
  readonly server: RunningServer;
  readonly store: Store;
  readonly #model: WindowModel;
  readonly #folder: string;

  private constructor(server: RunningServer, store: Store, model: WindowModel, folder: string) {
    this.server = server;
    this.store = store;
    this.#model = model;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${server.port}/`;
  }

  static async start(options: Partial<ServerOptions> = {}): Promise<RealServer> {
    const folder = await mkdtemp(join(tmpdir(), 'undertone-desk-'));
    const model = await loadModel(MODEL);
    const store = await openStore(join(folder, 'undertone.db'));
    const server = await startServer({
      model,
      store,
      port: 0,
      ui: await builtPage(),
      recordings: { folder: join(folder, 'recordings'), keys: [randomBytes(32)] },
      rules: readAlertRules(RULES, model.manifest.labels),
      desk: { models: { again: MODEL } },
      // A page that is closed is gone at once, so that the next test finds no stream.
      limits: { resumeMs: 0 },
      ...options,
    });
    return new RealServer(server, store, model, folder);
  }

  /** Sends the demo call; the part of it until `untilMs`, and then goes on `live`. */
  async call(
    callId: string,
    options: { readonly untilMs?: number; readonly stop?: boolean; readonly metadata?: Record<string, string> } = {},
  ): Promise<LiveStream> {
    const recording = await openRecording(DEMO_CALL);
    const { sampleRateHz, channels } = recording.format;
    const stream = await connect(this.server.url).stream({
      format: { encoding: 'mulaw', sampleRateHz, channels },
      streamId: callId,
      callId,
      channels: CHANNELS,
      metadata: options.metadata ?? {},
    });
    stream.events$.subscribe({ error: () => {} });
    let sent = 0;
    const most =
      options.untilMs === undefined ? Number.POSITIVE_INFINITY : (options.untilMs * sampleRateHz * channels) / 1000;
    for await (const chunk of recording.chunks()) {
      const bytes = chunk.subarray(0, Math.max(0, most - sent));
      await stream.send(bytes);
      sent += bytes.length;
      if (sent >= most) break;
    }
    await recording.close();
    if (options.stop !== false) await stream.stop();
    return stream;
  }

  async close(): Promise<void> {
    await this.server.close({ drainMs: 500 });
    await this.store.close();
    this.#model.dispose();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
