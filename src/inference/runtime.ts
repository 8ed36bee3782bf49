import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UndertoneError } from '../errors.ts';

/** The core of TensorFlow.js, whichever package brought it. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core');
export type RuntimeName = 'tfjs-node' | 'tfjs-wasm';
export type RuntimeChoice = 'auto' | RuntimeName;

export interface Runtime {
  readonly name: RuntimeName;
  readonly tf: TensorFlow;
}

const started = new Map<RuntimeChoice, Promise<Runtime>>();

/**
 * Starts TensorFlow.js, once per choice: native (`tfjs-node`) where the package is installed and its first operation works, else
 * WebAssembly, which ships inside its package (SIMD, one thread).
 *
 * @throws `runtime-unavailable` where what was asked for does not start.
 * @example
 * const { name, tf } = await startRuntime('auto');
 */
export function startRuntime(choice: RuntimeChoice = 'auto'): Promise<Runtime> {
  let runtime = started.get(choice);
  if (runtime === undefined) {
    runtime = start(choice);
    started.set(choice, runtime);
  }
  return runtime;
}

async function start(choice: RuntimeChoice): Promise<Runtime> {
  const failures: string[] = [];
  const starters = choice === 'auto' ? [startNative, startWasm] : [choice === 'tfjs-node' ? startNative : startWasm];
  for (const starter of starters) {
    try {
      const runtime = await starter();
      check(runtime);
      return runtime;
    } catch (thrown) {
      failures.push(thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown));
    }
  }
  throw new UndertoneError('runtime-unavailable', { detail: failures.join('; ') });
}

/** tfjs-node 4.22 imports on Node 23 and later, and fails at its first operation: so one is run before it is believed. */
function check({ name, tf }: Runtime): void {
  const [product] = tf.tidy(() => tf.matMul(tf.tensor2d([3], [1, 1]), tf.tensor2d([2], [1, 1])).dataSync());
  if (product !== 6) throw new Error(`${name} computed 3 · 2 = ${product}`);
}

async function startNative(): Promise<Runtime> {
  // An optional package: its name is not resolved at build time, and it has no types where it is not installed.
  const specifier: string = '@tensorflow/tfjs-node';
  const tf = (await import(specifier)) as TensorFlow;
  if (!(await tf.setBackend('tensorflow'))) throw new Error('tfjs-node has no native backend');
  return { name: 'tfjs-node', tf };
}

async function startWasm(): Promise<Runtime> {
  const tf = await import('@tensorflow/tfjs-core');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(join(dirname(main), '/'));
  wasm.setThreadsCount(1);
  const undo = rememberProcessHandlers();
  try {
    if (!(await tf.setBackend('wasm'))) throw new Error('the WebAssembly backend did not start');
  } finally {
    undo();
  }
  return { name: 'tfjs-wasm', tf };
}

const HANDLED = ['uncaughtException', 'unhandledRejection'] as const;

/** Emscripten puts handlers on the process that rethrow everything; how a process ends is not a library's to decide. */
function rememberProcessHandlers(): () => void {
  const before = HANDLED.map((event) => new Set<unknown>(process.rawListeners(event)));
  return () => {
    HANDLED.forEach((event, index) => {
      for (const listener of process.rawListeners(event)) {
        if (!before[index]!.has(listener)) process.removeListener(event, listener as (...args: unknown[]) => void);
      }
    });
  };
}
