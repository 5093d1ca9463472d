/** What tells one scenario from another: the same text and settings give the same hash. */
import { createHash } from 'node:crypto';

/** SHA-256, in hexadecimal, of a scenario as it runs. @param written with the settings put in. */
export function scenarioHash(written: unknown): string {
  return createHash('sha256').update(JSON.stringify(written)).digest('hex');
}
