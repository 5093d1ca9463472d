/** Names of runs and of their folders. */
import { randomBytes } from 'node:crypto';

/** A name for a run: its start time, its scenario, and a part that makes it unique. */
export function runId(scenario: string, startedAt: Date): string {
  const start = startedAt.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  return `${start}-${scenario}-${randomBytes(2).toString('hex')}`;
}
