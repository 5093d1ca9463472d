/** Profiles of this thread: they show who used its time and its memory, and hold up nothing afterwards. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { processCpuMicros } from './process-cpu-micros.ts';
import { checkProfiler, ThreadProfiler } from './thread-profiler.ts';

const SAMPLING = { intervalMicros: 200, allocationBytes: 1024 };

interface ProcessorNode {
  readonly callFrame: { readonly functionName: string };
  readonly hitCount: number;
}
interface AllocationNode {
  readonly callFrame: { readonly functionName: string };
  readonly selfSize: number;
  readonly children: readonly AllocationNode[];
}

/** Works for so much processor time, so that a busy machine only makes it later. */
function busyForTheProfile(micros: number): number {
  let sum = 0;
  for (const until = processCpuMicros() + micros; processCpuMicros() < until; ) for (let n = 0; n < 1e6; n++) sum += n;
  return sum;
}

function makesGarbageForTheProfile(objects: number): number {
  let sum = 0;
  for (let n = 0; n < objects; n++) sum += new Array<number>(10).fill(n).length;
  return sum;
}

function nodesBelow(node: AllocationNode): AllocationNode[] {
  return [node, ...node.children.flatMap(nodesBelow)];
}

describe('a profile of a thread', () => {
  it('names the function that used its time', () => {
    const profiler = ThreadProfiler.start(SAMPLING);
    busyForTheProfile(100_000);
    const { processor, allocations } = profiler.stop();
    const { nodes, samples } = processor as { nodes: ProcessorNode[]; samples: number[] };
    const hits = nodes.filter(({ callFrame }) => callFrame.functionName === 'busyForTheProfile');
    const own = hits.reduce((sum, { hitCount }) => sum + hitCount, 0);
    assert.ok(own > 0 && samples.length >= 5, `${own} of ${samples.length} samples`);
    const { head } = allocations as { head: AllocationNode };
    assert.deepEqual([head.selfSize, head.children], [0, []], 'allocations were not asked for');
  });

  it('names the function that made garbage, although it is collected before the end', () => {
    const profiler = ThreadProfiler.start(SAMPLING);
    profiler.startAllocations(SAMPLING);
    assert.equal(makesGarbageForTheProfile(200_000), 2_000_000);
    const { head } = profiler.stop().allocations as { head: AllocationNode };
    const own = nodesBelow(head).filter(({ callFrame }) => callFrame.functionName === 'makesGarbageForTheProfile');
    const bytes = own.reduce((sum, { selfSize }) => sum + selfSize, 0);
    // Ten numbers take 40 bytes or more each time; the sampler estimates.
    assert.ok(bytes > 200_000 * 20, `${bytes} bytes`);
  });

  it('can be taken again, and begins anew', () => {
    busyForTheProfile(20_000);
    const first = ThreadProfiler.start(SAMPLING);
    busyForTheProfile(30_000);
    const { startTime, endTime } = first.stop().processor as { startTime: number; endTime: number };
    const second = ThreadProfiler.start(SAMPLING).stop().processor as { startTime: number; endTime: number };
    assert.ok(endTime - startTime >= 30_000, 'times are in microseconds');
    assert.ok(second.startTime >= endTime);
  });
});

describe('a Node without the inspector', () => {
  it('is an operating error that says so', () => {
    assert.throws(() => checkProfiler({ inspector: false }), {
      code: 'PROFILER_UNAVAILABLE',
      message: /--without-inspector/,
    });
    checkProfiler();
  });
});
