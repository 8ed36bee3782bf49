import { join } from 'node:path';
import { openRecording } from '../audio/index.ts';
import { connect } from '../client/index.ts';
import { TimelineRecord } from '../exports/index.ts';
import { loadModel } from '../inference/index.ts';
import { startServer } from '../server/index.ts';
import type { DemoOptions } from './demo.ts';
import { DEMO_CALL, DEMO_CHANNELS, SYNTHETIC } from './demo-call.ts';
import { jsonlFormatter } from './jsonl.ts';
import { liveView } from './live-view.ts';
import { OutputFile } from './output-file.ts';
import { packagePath } from './package.ts';
import { sendAll } from './replay-recordings.ts';
import { writeFigure } from './run-recordings.ts';
import { stdout } from './stdout.ts';
import { endedRows } from './table.ts';
import { coloursFor } from './terminal.ts';

/** The bundled call through a real server and a real socket, in one process. */
export async function runDemo({ model: folder, speed, out }: DemoOptions, signal: AbortSignal): Promise<void> {
  const colours = coloursFor(process.stdout);
  const model = await loadModel(folder);
  const server = await startServer({ model, port: 0 });
  const recording = await openRecording(packagePath(DEMO_CALL));
  const figure = join(out, 'timeline.svg');
  const events = await OutputFile.create(join(out, 'timeline.jsonl'));
  try {
    const { name, version } = model.manifest;
    await stdout.write(
      `${colours.bold(`undertone listens at ${server.url}`)}, model ${name} ${version} on ${model.runtime}\n` +
        `${DEMO_CALL}: ${SYNTHETIC}.\n\n`,
    );
    const view = liveView(colours);
    const jsonl = jsonlFormatter();
    const record = new TimelineRecord();
    const stream = await connect(server.url).stream({ format: recording.format, channels: DEMO_CHANNELS });
    signal.addEventListener('abort', () => stream.close(), { once: true });
    const ended = await sendAll(
      recording,
      stream,
      { speed },
      {
        at: () => {},
        event: async (event, wire) => {
          record.add(event);
          await stdout.write(view.event(event, wire));
          await events.write(jsonl.event(event, wire));
        },
      },
      signal,
    );
    await events.complete();
    await writeFigure(figure, record, 'Demo call', SYNTHETIC);
    await stdout.write(
      `\n${endedRows(ended, colours).slice(1).join('\n')}\n\nWritten: ${events.path} and ${figure}\n` +
        `Your own: npx undertone analyze call.wav --svg call.svg\n`,
    );
  } catch (thrown) {
    await events.discard();
    signal.throwIfAborted();
    throw thrown;
  } finally {
    await recording.close();
    await server.close();
    model.dispose();
  }
}
