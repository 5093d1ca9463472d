/** Identifies a scenario: the same text and settings give the same hash. */
import { createHash } from 'node:crypto';

/** SHA-256 of a scenario as it runs, in hexadecimal. @param written the scenario with its settings. */
export function scenarioHash(written: unknown): string {
  return createHash('sha256').update(JSON.stringify(written)).digest('hex');
}
