import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { modelFolder } from '../inference/model-folder.ts';
import { type Outcome, outcome, type RunOptions, says, start } from './undertone.ts';

/** `undertone serve` on a free port, with a model of random weights. */
export interface ServerProcess {
  readonly url: string;
  readonly model: string;
  /** Asks it to stop; resolves with what it has said. */
  stop(signal?: NodeJS.Signals): Promise<Outcome>;
}

export async function serve(args: readonly string[] = [], options: RunOptions = {}): Promise<ServerProcess> {
  const model = modelFolder();
  const child = start(['serve', '--port', '0', '--model', model, ...args], options);
  const ended = outcome(child);
  const [, url = ''] = await says(child, /^undertone listens at (\S+)$/m);
  return {
    url,
    model,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null) {
        child.kill(signal);
        await once(child, 'close');
      }
      rmSync(model, { recursive: true, force: true });
      return ended;
    },
  };
}
