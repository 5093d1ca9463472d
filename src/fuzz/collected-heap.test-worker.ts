/**
 * Loaded into every thread of a process that is watched (`node --import`): collects garbage twice per second and writes
 * down what is left, so that what grows is kept by somebody, and is not garbage that waits to be collected. A thread
 * that never comes back to Node's event loop writes nothing.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { threadId } from 'node:worker_threads';
import { HEAPS_FOLDER_VARIABLE } from './collected-heaps.test-suite.ts';

const EVERY_MILLIS = 500;

const folder = process.env[HEAPS_FOLDER_VARIABLE];
if (folder !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc'); // what V8 names so once it is exposed
  const file = `${folder}/${process.pid}-${threadId}`;
  setInterval(() => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    writeFileSync(`${file}.new`, String(heapUsed + external));
    renameSync(`${file}.new`, file);
  }, EVERY_MILLIS).unref();
}
