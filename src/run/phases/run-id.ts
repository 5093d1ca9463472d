/** How runs and their folders are named. */
import { randomBytes } from 'node:crypto';

/** A name for a run: when it started, its scenario, and what tells it from others. */
export function runId(scenario: string, startedAt: Date): string {
  const start = startedAt.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  return `${start}-${scenario}-${randomBytes(2).toString('hex')}`;
}
