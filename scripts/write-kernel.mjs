/**
 * Compiles what is in assembly/ and writes the modules of its bytes.
 *
 *     npm run kernel
 */
import { writeFile } from 'node:fs/promises';
import { compileKernel, KERNELS, kernelModule } from './compile-kernel.mjs';

for (const { entry, module } of KERNELS) {
  await writeFile(new URL(`../${module}`, import.meta.url), kernelModule(await compileKernel(entry)));
}
