/** Reads kernel files, which exist on Linux only. */
import { readFileSync } from 'node:fs';

/** The text of a kernel file; empty if it does not exist, as on other systems. */
export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
