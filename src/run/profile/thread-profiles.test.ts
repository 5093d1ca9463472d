import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { MADE_ALLOCATIONS, madeProcessorProfile } from '../../analysis/profile/made-profiles.test-suite.ts';
import { nameProfiles, readProfiles } from './thread-profiles.ts';

const folder = mkdtempSync(join(tmpdir(), 'trunkline-profiles-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const THREADS = ['shard-0', 'lane-1'];
const fileOf = (name: string): string => join(folder, name);
/** Each thread has as many samples as its number says, and allocated as much. */
const samplesOf = (thread: number): number => 3 + thread;
const allocatedBy = (thread: number): number => 100 + thread;

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [n, thread] of THREADS.entries()) {
    const stacks = Array.from({ length: samplesOf(n) }, () => ['loop', 'work']);
    // V8 adds lines of the build, which mean nothing in the source.
    const made = madeProcessorProfile(stacks);
    const nodes = made.nodes.map((node) => ({ ...node, positionTicks: [{ line: 1, ticks: 1 }] }));
    writeFileSync(fileOf(`${thread}.cpuprofile`), JSON.stringify({ ...made, nodes }));
    const head = { ...MADE_ALLOCATIONS.head, selfSize: allocatedBy(n) };
    writeFileSync(fileOf(`${thread}.heapprofile`), JSON.stringify({ head }));
  }
});

describe('the profiles of threads', () => {
  it('are read for each thread that is asked for, in that order, from its own two files', () => {
    for (const asked of [THREADS, [...THREADS].reverse(), ['lane-1'], []]) {
      const read = readProfiles(folder, asked).map(({ thread, processor, allocations }) => [
        thread,
        processor.samples.length,
        allocations.head.selfSize,
      ]);
      const wanted = asked.map((thread) => {
        const n = THREADS.indexOf(thread);
        return [thread, samplesOf(n), allocatedBy(n)];
      });
      assert.deepEqual(read, wanted);
    }
  });

  it('are the same under the names of the source, and lose the lines of the build', () => {
    const before = readProfiles(folder, THREADS);
    nameProfiles(folder, THREADS);
    assert.deepEqual(
      readProfiles(folder, THREADS).map(({ processor: { nodes: _, ...times } }) => times),
      before.map(({ processor: { nodes: _, ...times } }) => times),
    );
    const files = ['lane-1.cpuprofile', 'lane-1.heapprofile', 'shard-0.cpuprofile', 'shard-0.heapprofile'];
    assert.deepEqual(readdirSync(folder).sort(), files, 'nothing is left beside them');
    const [first] = readProfiles(folder, THREADS);
    assert.ok(first?.processor.nodes.every((node) => !('positionTicks' in node)));
  });

  it('that are missing or damaged are named, with what to do', () => {
    const refused = (act: () => unknown, name: string, says: RegExp): void =>
      assert.throws(act, (error: Error & { code?: string }) => {
        assert.equal(error.code, 'PROFILE_INVALID');
        assert.ok(error.message.includes(fileOf(name)), error.message);
        assert.match(error.message, says);
        return true;
      });
    const missing = /Expected a profile at .*ENOENT.*Profile again with trunkline profile\./;
    rmSync(fileOf('lane-1.heapprofile'));
    refused(() => readProfiles(folder, THREADS), 'lane-1.heapprofile', missing);
    refused(() => nameProfiles(folder, THREADS), 'lane-1.heapprofile', missing);
    writeFileSync(fileOf('shard-0.cpuprofile'), '{"nodes": [');
    refused(() => readProfiles(folder, THREADS), 'shard-0.cpuprofile', /./);
  });

  it('that cannot be written are named, and what was there is still whole', () => {
    mkdirSync(fileOf('shard-0.cpuprofile.part')); // a folder is where the new file would be
    assert.throws(() => nameProfiles(folder, THREADS), {
      code: 'OUTPUT_UNWRITABLE',
      message: /Expected a file that can be written at .*shard-0\.cpuprofile: .*--out/,
    });
    assert.equal(readProfiles(folder, ['shard-0'])[0]?.processor.samples.length, samplesOf(0));
  });
});
