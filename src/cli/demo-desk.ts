import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { openRecording } from '../audio/index.ts';
import { connect } from '../client/index.ts';
import { TimelineRecord } from '../exports/index.ts';
import { loadModel } from '../inference/index.ts';
import { startServer } from '../server/index.ts';
import { openStore } from '../store/index.ts';
import { readAlertRules } from '../streams/index.ts';
import type { DemoOptions } from './demo.ts';
import { DEMO_CALL, DEMO_CHANNELS, SYNTHETIC } from './demo-call.ts';
import { jsonlFormatter } from './jsonl.ts';
import { OutputFile } from './output-file.ts';
import { packagePath } from './package.ts';
import { sendAll } from './replay-recordings.ts';
import { writeFigure } from './run-recordings.ts';
import { stdout } from './stdout.ts';
import { coloursFor } from './terminal.ts';

/** Between two plays of the call. */
const PAUSE_MS = 3_000;

/**
 * The bundled call live on the dashboard of a server of its own, with a store and its recording in a folder that goes when
 * the demo ends. In a terminal the call is played again and again until Ctrl-C; otherwise once.
 */
export async function runDemoDesk(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const colours = coloursFor(process.stdout);
  const folder = await mkdtemp(join(tmpdir(), 'undertone-demo-'));
  const model = await loadModel(options.model);
  const store = await openStore(join(folder, 'undertone.db'));
  const rules = await readFile(packagePath('examples/rules.yaml'), 'utf8');
  const server = await startServer({
    model,
    store,
    port: options.port,
    ui: packagePath('dist/web'),
    recordings: { folder: join(folder, 'recordings'), keys: [randomBytes(32)] },
    rules: readAlertRules(rules, model.manifest.labels),
    desk: { models: { [model.manifest.name]: options.model } },
  });
  const page = server.url.replace(/^ws/, 'http');
  const again = process.stdout.isTTY === true;
  try {
    const { name, version } = model.manifest;
    await stdout.write(
      `${DEMO_CALL}: ${SYNTHETIC}. Model ${name} ${version} on ${model.runtime}.\n\n` +
        `${colours.bold(`The dashboard, with the call live on it: ${page}/#/calls/demo-1`)}\n` +
        `${again ? 'The call is played again and again; Ctrl-C ends the demo.' : 'The demo ends with the call.'}\n`,
    );
    for (let round = 1; ; round += 1) {
      await play(server.url, `demo-${round}`, options, round === 1, signal);
      if (!again) break;
      await after(PAUSE_MS, undefined, { signal });
    }
  } catch (thrown) {
    // Whoever looks at the dashboard ends it so: that is no failure.
    if (!(again && signal.aborted)) throw thrown;
  } finally {
    await server.close({ drainMs: 500 });
    await store.close();
    model.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One play of the call, as the call `callId`; the first also writes both files. */
async function play(
  url: string,
  callId: string,
  { speed, out }: DemoOptions,
  writes: boolean,
  signal: AbortSignal,
): Promise<void> {
  const recording = await openRecording(packagePath(DEMO_CALL));
  const events = writes ? await OutputFile.create(join(out, 'timeline.jsonl')) : undefined;
  const jsonl = jsonlFormatter();
  const record = new TimelineRecord();
  try {
    const stream = await connect(url).stream({
      format: recording.format,
      streamId: callId,
      callId,
      channels: DEMO_CHANNELS,
      metadata: { queue: 'demo' },
    });
    const leave = (): void => stream.close();
    signal.addEventListener('abort', leave, { once: true });
    try {
      const listener = {
        at: () => {},
        event: async (event: Parameters<TimelineRecord['add']>[0], wire: string) => {
          record.add(event);
          await events?.write(jsonl.event(event, wire));
        },
      };
      await sendAll(recording, stream, { speed }, listener, signal);
    } finally {
      signal.removeEventListener('abort', leave);
    }
    if (events === undefined) return;
    await events.complete();
    const figure = join(out, 'timeline.svg');
    await writeFigure(figure, record, 'Demo call', SYNTHETIC);
    await stdout.write(`\nWritten: ${events.path} and ${figure}\n`);
  } catch (thrown) {
    await events?.discard();
    signal.throwIfAborted();
    throw thrown;
  } finally {
    await recording.close();
  }
}
