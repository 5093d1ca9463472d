/**
 * A process whose log has no room for a new file: all descriptors are taken, or the file system is full. It frees them
 * again, and says what its log did. It checks nothing itself.
 *
 *     node full-log.test-worker.js FOLDER descriptors|disk
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FileLog } from './file-log.test-suite.ts';

const [, , path = '', kind] = process.argv;
const FILLER = join(path, 'filler');
/** Far more than a file of the log has, so that one must follow. */
const ENTRIES = 100;

function takeDescriptors(): () => void {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    return () => {
      for (const descriptor of taken) closeSync(descriptor);
    };
  }
}

function fillDisk(): () => void {
  const descriptor = openSync(FILLER, 'w');
  const block = new Uint8Array(4096);
  try {
    for (;;) writeSync(descriptor, block);
  } catch {
    closeSync(descriptor);
    return () => rmSync(FILLER);
  }
}

const log = new FileLog(path);
let sequence = 0;
/** Records entries until one is refused. @returns how many were taken. */
function record(): number {
  const before = sequence;
  for (let n = 0; n < ENTRIES && log.append(sequence + 1, 64); n++) {
    sequence++;
    log.writeAll();
  }
  return sequence - before;
}

record();
const free = kind === 'descriptors' ? takeDescriptors() : fillDisk();
const takenWithoutRoom = record();
const isRefused = !log.append(sequence + 1, 64);
const { isStuck } = log.writer;
free();
log.writeAll();
const takenAfterwards = record();
log.close();
process.stdout.write(JSON.stringify({ takenWithoutRoom, isRefused, isStuck, takenAfterwards, sequence }));
