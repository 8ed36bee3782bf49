import { readFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const ROOT = new URL('../', import.meta.url);
const OPTIONS = [
  '--enable',
  'simd',
  '--runtime',
  'stub',
  '-O3',
  '--converge',
  '--noAssert',
  '--outFile',
  'kernel.wasm',
];

/** What is compiled, and the module that its bytes stand in. */
export const KERNELS = [
  { entry: 'assembly/index.ts', module: 'src/features/kernel-bytes.ts' },
  { entry: 'assembly/sequence/index.ts', module: 'src/inference/sequence/kernel-bytes.ts' },
];

/** The bytes of a kernel; the same from the same sources. */
export async function compileKernel(entry = KERNELS[0].entry) {
  let bytes;
  const { error, stderr } = await asc.main([entry, ...OPTIONS], {
    readFile: (name, folder) => readFile(new URL(`${folder}/${name}`, ROOT), 'utf8').catch(() => null),
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') bytes = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return bytes;
}

/** The module that the bytes stand in, as it is committed. */
export function kernelModule(bytes) {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,110}/g)
    .map((line) => `  '${line}',`);
  return `/** assembly/, compiled by \`npm run kernel\`; base64. Do not edit. */
export const kernelBase64: string = [
${lines.join('\n')}
].join('');
`;
}
