import { once } from 'node:events';
import type { Output } from './output-file.ts';

/** stdout, as slow as its reader. */
export const stdout: Output = {
  async write(text) {
    if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
  },
};
