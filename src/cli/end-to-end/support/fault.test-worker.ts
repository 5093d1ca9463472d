/**
 * Loaded before a run by the tests: makes one thread of the real command fail as soon as a file is there. It takes the
 * file away, so that a later run fails only if the test puts it there again.
 */
import { existsSync, rmSync } from 'node:fs';
import { isMainThread, workerData } from 'node:worker_threads';

const FAULT = process.env['TEST_FAULT'] ?? '';
const FILE = process.env['TEST_FAULT_FILE'] ?? '';

function role(): string {
  const data: unknown = workerData;
  if (typeof data !== 'object' || data === null || !('data' in data)) return '';
  const inner = data.data;
  return typeof inner === 'object' && inner !== null && 'role' in inner && 'index' in inner
    ? `${inner.role}-${inner.index}`
    : '';
}

if (!isMainThread && role() === 'shard-1') {
  // Every loop of a worker looks with this whether it is told something, at each turn.
  const load = Atomics.load;
  Atomics.load = ((...of: Parameters<typeof load>) => {
    if (existsSync(FILE)) {
      rmSync(FILE);
      if (FAULT === 'exit') process.exit(7);
      throw new Error('a fault put in by a test');
    }
    return load(...of);
  }) as typeof load; // of either kind of array, as before
}
