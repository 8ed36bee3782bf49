/**
 * Compiles assembly/ and writes src/features/kernel-bytes.ts.
 *
 *     npm run kernel
 */
import { writeFile } from 'node:fs/promises';
import { compileKernel, kernelModule } from './compile-kernel.mjs';

const path = new URL('../src/features/kernel-bytes.ts', import.meta.url);
await writeFile(path, kernelModule(await compileKernel()));
