/** The stored result of a real run, for tests of code that reads and stores results. */
import { fileURLToPath } from 'node:url';

/** Path of a result of a run over memory. */
export const STORED_RESULT = fileURLToPath(
  new URL('../../../results/reference/million-half-load.json', import.meta.url),
);
