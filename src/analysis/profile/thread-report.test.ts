import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MADE_ALLOCATIONS, madeFrame, madeProcessorProfile, SAMPLE_MICROS } from './made-profiles.test-suite.ts';
import { type ProcessorProfile, parseAllocationProfile, parseProcessorProfile } from './parse-profiles.ts';
import { FUNCTIONS_MAX, reportThread } from './thread-report.ts';

const FILE = 'shard-0.cpuprofile';

describe('the report of a thread', () => {
  it('counts what is called while the thread sleeps as sleep, and only in the functions that sleep', () => {
    const stacks = [['runReactor', 'nap'], ['runReactor', 'nap', 'wait'], ['runReactor']];
    const asleep = madeProcessorProfile(stacks, 'src/run/worker/reactors/run-reactor.ts:60');
    const report = reportThread('shard-0', asleep, MADE_ALLOCATIONS);
    assert.equal(report.asleepMicros, 2 * SAMPLE_MICROS);
    assert.equal(report.awakeMicros, SAMPLE_MICROS);
    assert.deepEqual(
      report.hottest.map(({ name }) => name),
      ['runReactor'],
    );
    const other = reportThread('shard-0', madeProcessorProfile(stacks, 'src/switch/shard.ts:9'), MADE_ALLOCATIONS);
    assert.equal(other.asleepMicros, 0);
  });

  it('says how far samples were apart, which is not what was asked for on a busy machine', () => {
    const report = reportThread('lane-0', madeProcessorProfile([['a'], ['b'], ['a'], ['(program)']]), MADE_ALLOCATIONS);
    assert.equal(report.microsPerSample, SAMPLE_MICROS);
    assert.equal(report.samples, 4);
    assert.equal(report.programMicros, SAMPLE_MICROS);
  });

  it('adds up what one function allocated wherever it was called from', () => {
    const { largest, allocatedBytes } = reportThread('lane-0', madeProcessorProfile([['a']]), MADE_ALLOCATIONS);
    assert.deepEqual(
      largest.map(({ name, self, total }) => [name, self, total]),
      [
        ['pack', 1000, 1000],
        ['work', 100, 850],
        ['(V8 API)', 50, 50],
      ],
    );
    assert.equal(allocatedBytes, 1150);
  });

  it('lists ten functions of many, hottest first', () => {
    const stacks = Array.from({ length: 30 }, (_, n) => Array.from({ length: n + 1 }, () => [`f${n}`])).flat();
    const { hottest } = reportThread('lane-0', madeProcessorProfile(stacks), MADE_ALLOCATIONS);
    assert.equal(hottest.length, FUNCTIONS_MAX);
    assert.deepEqual(
      hottest.slice(0, 2).map(({ name }) => name),
      ['f29', 'f28'],
    );
  });

  it('has no endless names, and cuts none within a character', () => {
    const stacks = [['🙂'.repeat(10_000)], ['x'.repeat(10_000)]];
    const { hottest } = reportThread('lane-0', madeProcessorProfile(stacks, 'src/a.ts:1'), MADE_ALLOCATIONS);
    assert.deepEqual(hottest.map(({ name }) => name).sort(), ['x'.repeat(200), '🙂'.repeat(200)]);
  });

  it('has no rest in the time of a function and what it called, so no share is above all of it', () => {
    const place = 'src/run/worker/reactors/run-reactor.ts:75';
    const stacks = [
      ['runReactor', 'nap'],
      ['runReactor', 'nap'],
      ['runReactor', 'nap'],
      ['runReactor', 'doWork'],
      ['runReactor'],
    ];
    const report = reportThread('shard-0', madeProcessorProfile(stacks, place), MADE_ALLOCATIONS);
    const reactor = report.hottest.find(({ name }) => name === 'runReactor');
    assert.deepEqual([report.awakeMicros, reactor?.total], [2 * SAMPLE_MICROS, 2 * SAMPLE_MICROS]);
  });

  it('holds for a thread without a sample', () => {
    const report = reportThread('lane-0', madeProcessorProfile([]), MADE_ALLOCATIONS);
    assert.equal(report.microsPerSample, 0);
    assert.deepEqual(report.hottest, []);
  });
});

describe('a file of a profile', () => {
  const whole = madeProcessorProfile([['a', 'b'], ['a'], ['(idle)']]);
  const parse = (profile: unknown) => parseProcessorProfile(JSON.stringify(profile), FILE);
  const [root, ...others] = whole.nodes as [ProcessorProfile['nodes'][number], ...ProcessorProfile['nodes']];

  it('is read as it was written', () => {
    assert.deepEqual(parse(whole), whole);
    assert.deepEqual(parseAllocationProfile(JSON.stringify(MADE_ALLOCATIONS), 'x.heapprofile'), MADE_ALLOCATIONS);
  });

  const damaged: Readonly<Record<string, unknown>> = {
    'a node that is its own child': { ...whole, nodes: [root, { ...others[0], children: [others[0]?.id] }] },
    'two roots': { ...whole, nodes: [...whole.nodes, { id: 99, callFrame: madeFrame('stray') }] },
    'a node with two parents': {
      ...whole,
      nodes: [...whole.nodes.slice(0, -1), { ...whole.nodes.at(-1), children: [whole.nodes[1]?.id] }],
    },
    'an id twice': { ...whole, nodes: [...whole.nodes, whole.nodes[1]] },
    'a sample of no node': { ...whole, samples: [1, 2, 77] },
    'a time less than samples': { ...whole, timeDeltas: whole.timeDeltas.slice(1) },
    'no nodes': { ...whole, nodes: [] },
    'a list': [],
    'a number as name': { ...whole, nodes: [{ ...root, callFrame: { ...root.callFrame, functionName: 7 } }] },
  };
  for (const [what, profile] of Object.entries(damaged)) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => parse(profile), { code: 'PROFILE_INVALID', message: /^shard-0\.cpuprofile: expected / });
    });
  }

  it('is refused wherever it was cut off', () => {
    for (const [text, read] of [
      [JSON.stringify(whole), parseProcessorProfile],
      [JSON.stringify(MADE_ALLOCATIONS), parseAllocationProfile],
    ] as const) {
      for (let length = 0; length < text.length; length += 7) {
        assert.throws(() => read(text.slice(0, length), FILE), { code: 'PROFILE_INVALID' });
      }
    }
  });

  it('is refused if an allocation is not a size', () => {
    const { head } = MADE_ALLOCATIONS;
    const broken = { head: { ...head, children: [{ ...head.children[0], selfSize: -1 }] } };
    assert.throws(() => parseAllocationProfile(JSON.stringify(broken), FILE), { code: 'PROFILE_INVALID' });
  });
});
