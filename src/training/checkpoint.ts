import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What `compute` gives, from the cache where an earlier run has put it under the same key.
 *
 * @param key whatever determines the result; any JSON.
 * @param compute its result may hold numbers, texts, lists, objects and Float32Arrays.
 */
export async function checkpoint<T>(cache: string, key: unknown, compute: () => Promise<T>): Promise<T> {
  const name = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 24);
  const path = join(cache, 'checkpoints', `${name}.json`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'), revive) as T;
  const result = await compute();
  mkdirSync(join(cache, 'checkpoints'), { recursive: true });
  writeFileSync(`${path}.part`, JSON.stringify(result, replace));
  renameSync(`${path}.part`, path);
  return result;
}

const FLOATS = 'float32:';

const replace = (_: string, value: unknown): unknown =>
  value instanceof Float32Array
    ? `${FLOATS}${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}`
    : value;

function revive(_: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(FLOATS)) return value;
  return new Float32Array(new Uint8Array(Buffer.from(value.slice(FLOATS.length), 'base64')).buffer);
}
