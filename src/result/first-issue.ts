/** What a schema refuses in a stored value, in words. */
import type { z } from 'zod';

/** Characters that are shown of a found value. */
const SHOWN_MAX = 60;
/** The kind of what was found, in a message of the schema: the value itself says more. */
const FOUND_KIND = /^Invalid input: (expected .+), received \w+$/s;

/**
 * The first thing that was refused: its field, what was expected, and what was found, such as
 * `throughput.queuedMessagesPeak: expected int, found 12.5`.
 *
 * @param value what was checked.
 */
export function firstIssue({ issues }: z.ZodError, value: unknown): string {
  const [issue] = issues;
  if (issue === undefined) return '';
  const { path, message, code } = issue;
  const field = path.length === 0 ? '' : `${path.join('.')}: `;
  if (code === 'unrecognized_keys') return `${field}${message}`; // which names them
  return `${field}${message.replace(FOUND_KIND, '$1')}, found ${shown(valueAt(value, path))}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inside, key) => (typeof inside === 'object' && inside !== null ? Reflect.get(inside, key) : undefined),
    value,
  );
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(value).slice(0, SHOWN_MAX);
}
