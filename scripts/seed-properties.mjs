// Loaded by scripts/test.mjs into each process that runs tests: gives the seed of the test run to fast-check. Threads
// and programs that a test starts load it too, and take nothing from it.
import { isMainThread } from 'node:worker_threads';

const isTestProcess = isMainThread && /(?:\.test\.js|-of-\d+\.mjs)$/.test(process.argv[1] ?? '');
if (isTestProcess) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ seed: Number(process.env.TEST_SEED) });
}
