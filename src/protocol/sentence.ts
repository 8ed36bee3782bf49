import type { z } from 'zod';
import { excerpt } from './printable.ts';

type Issue = z.core.$ZodIssue;

function place(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${excerpt(String(key))}`))
    .join('');
}

/** The first thing wrong with a value, as the end of a sentence that names the field. */
export function sentence(issues: readonly Issue[], value: unknown): string {
  const issue = issues[0];
  if (issue === undefined) return 'it is not valid';
  if (issue.code === 'unrecognized_keys') {
    return `${place([...issue.path, issue.keys[0] ?? ''])} is not a known field`;
  }
  const field = place(issue.path) || 'it';
  if (issue.code === 'invalid_type' && at(value, issue.path) === undefined) return `${field} is missing`;
  return `${field} ${issue.message}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = (inner as Record<PropertyKey, unknown>)[key];
  }
  return inner;
}
