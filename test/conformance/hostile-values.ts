/** What no field of a message expects, by kind of harm. */
export const HOSTILE: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  -1e308,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  '',
  ' ',
  '0',
  '-1',
  '1e999',
  '9'.repeat(400),
  'NaN',
  'x'.repeat(70_000),
  '\u0000\u202e\ud800',
  '__proto__',
  'constructor',
  '+15555550100',
  'AA=A',
  'AAA',
  [],
  [[]],
  ['inbound', 'inbound', 'outbound'],
  Array.from({ length: 5_000 }, () => 0),
  {},
  { length: -1 },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
  { toString: 1, valueOf: 1, toJSON: 1 },
];

/** Where a value stands in a message: the keys that lead to it. */
export type Path = readonly (string | number)[];

/** Every place in a JSON value, the whole one first. */
export function places(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]))];
}

/** The same value with another one in a place; `undefined` takes the place away. */
export function withValue(value: unknown, path: Path, replacement: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replacement;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [
    name,
    name === String(key) ? withValue(inner, rest, replacement) : inner,
  ]);
  const changed = Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
  return Array.isArray(value) ? Object.values(changed) : changed;
}
