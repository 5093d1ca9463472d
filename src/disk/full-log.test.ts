/** A log on real files without room for a new one: a process without descriptors, and a full file system. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { readLog } from '../store/durable/read-log.ts';
import { FileDisk } from './file-disk.ts';
import { IDENTITY } from './file-log.test-suite.ts';

const WORKER = fileURLToPath(new URL('full-log.test-worker.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'trunkline-full-'));
after(() => rmSync(root, { recursive: true, force: true }));

interface Said {
  readonly takenWithoutRoom: number;
  readonly isRefused: boolean;
  readonly isStuck: boolean;
  readonly takenAfterwards: number;
  readonly sequence: number;
}

/** @param limits shell commands before the process starts. */
function workerSays(folder: string, kind: string, limits: string): Said {
  const command = [process.execPath, WORKER, folder, kind];
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', `${limits} exec "$0" "$@"`, ...command], { encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Said;
}

/** New entries are refused while there is no room; what was taken before is kept, and later all goes on. */
function check(folder: string, said: Said): void {
  assert.ok(said.takenWithoutRoom < 100 && said.isRefused && said.isStuck, JSON.stringify(said));
  assert.equal(said.takenAfterwards, 100, 'there is room again');
  const kept: number[] = [];
  const disk = new FileDisk(folder);
  readLog(disk, IDENTITY, crc32, {
    appended: ({ sequence }) => kept.push(sequence),
    removed: () => {},
    noted: () => {},
  });
  disk.close();
  assert.deepEqual(
    kept,
    Array.from({ length: said.sequence }, (_, n) => n + 1),
  );
}

describe('a log without room for a new file', () => {
  it('refuses entries while the process has no descriptor left, and goes on when it has', () => {
    const folder = mkdtempSync(join(root, 'log-'));
    check(folder, workerSays(folder, 'descriptors', 'ulimit -n 80;'));
  });

  it('does the same on a file system that is full', (test) => {
    const folder = mkdtempSync(join(root, 'small-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', folder]);
    if (mounted.status !== 0) {
      test.skip('only root may mount a small file system here');
      return;
    }
    try {
      check(folder, workerSays(folder, 'disk', ''));
    } finally {
      spawnSync('umount', [folder]);
    }
  });
});
