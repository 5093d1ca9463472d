import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type CallNode, processorCallTree, weightOf } from './call-trees.ts';
import { type FlameBox, flameLayout } from './flame-layout.ts';
import { allFunctions, heaviestFunctions } from './heaviest-functions.ts';
import { madeProcessorProfile, SAMPLE_MICROS } from './made-profiles.test-suite.ts';

const EVERYTHING = { without: [], narrowest: 0, depthMax: 100 };

/** Stacks of few functions, so that they share callers and call themselves. */
const stacks = fc.array(
  fc.oneof(
    fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 6 }),
    fc.constantFrom(['(idle)'], ['(program)'], ['(garbage collector)'], ['a', '(garbage collector)']),
  ),
  { minLength: 1, maxLength: 60 },
);

/** Samples in whose stack a function is, and those at whose top it is. */
function naiveWeights(of: readonly (readonly string[])[], name: string): { self: number; total: number } {
  return {
    self: of.filter((stack) => stack.at(-1) === name).length * SAMPLE_MICROS,
    total: of.filter((stack) => stack.includes(name)).length * SAMPLE_MICROS,
  };
}

/** Names from the bottom of the graph to a box, found by what lies under its left edge. */
function pathOf(box: FlameBox, boxes: readonly FlameBox[]): string {
  const middle = box.left + box.width / 2;
  const under = boxes.filter(
    ({ left, width, depth }) => depth <= box.depth && left <= middle && middle <= left + width,
  );
  return under
    .sort((a, b) => a.depth - b.depth)
    .map(({ node }) => node.name)
    .join('>');
}

describe('the tree of calls', () => {
  it('gives each function the samples that a count over whole stacks gives it', () => {
    fc.assert(
      fc.property(stacks, (of) => {
        const found = allFunctions(processorCallTree(madeProcessorProfile(of)));
        for (const name of new Set(of.flat().filter((one) => !one.startsWith('(')))) {
          const { self, total } = found.find((one) => one.name === name) ?? { self: -1, total: -1 };
          assert.deepEqual({ self, total }, naiveWeights(of, name), name);
        }
      }),
    );
  });

  it('loses no time: functions, idle time, collector and program add up to the whole', () => {
    fc.assert(
      fc.property(stacks, (of) => {
        const tree = processorCallTree(madeProcessorProfile(of));
        const own = heaviestFunctions(tree, Number.POSITIVE_INFINITY).reduce((sum, { self }) => sum + self, 0);
        const apart = (['idle', 'collector', 'program'] as const).map((kind) => weightOf(tree, kind));
        assert.equal(own + apart.reduce((sum, micros) => sum + micros, 0), of.length * SAMPLE_MICROS);
        assert.equal(tree.total, of.length * SAMPLE_MICROS);
      }),
    );
  });

  it('gives samples in the wrong order the same times as in the right one', () => {
    fc.assert(
      fc.property(stacks, fc.nat(), (of, seed) => {
        const right = madeProcessorProfile(of);
        const at = right.samples.map((id, n) => ({ id, micros: n * SAMPLE_MICROS }));
        const mixed = at.map((_, n) => at[(n + seed) % at.length] as { id: number; micros: number });
        const wrong = {
          ...right,
          samples: mixed.map(({ id }) => id),
          timeDeltas: mixed.map(({ micros }, n) => micros - (mixed[n - 1]?.micros ?? 0)),
        };
        assert.deepEqual(processorCallTree(wrong), processorCallTree(right));
      }),
    );
  });
});

describe('the layout of a flame graph', () => {
  it('has a box per path of calls, as wide as the samples whose stack begins so', () => {
    fc.assert(
      fc.property(stacks, (of) => {
        const { boxes, weight, omitted } = flameLayout(processorCallTree(madeProcessorProfile(of)), EVERYTHING);
        const paths = new Map<string, number>();
        for (const stack of of) {
          stack.forEach((_, n) => {
            const path = stack.slice(0, n + 1).join('>');
            paths.set(path, (paths.get(path) ?? 0) + 1);
          });
        }
        const drawn = new Map(boxes.map((box) => [pathOf(box, boxes), Math.round(box.width * of.length)]));
        assert.deepEqual(new Map([...drawn].sort()), new Map([...paths].sort()));
        assert.equal(weight, of.length * SAMPLE_MICROS);
        assert.equal(omitted, 0);
      }),
    );
  });

  it('places each box above its caller and beside the others', () => {
    fc.assert(
      fc.property(stacks, (of) => {
        const { boxes } = flameLayout(processorCallTree(madeProcessorProfile(of)), EVERYTHING);
        const ends = (box: FlameBox): number => box.left + box.width;
        for (const box of boxes) {
          const others = boxes.filter((other) => other !== box && other.depth === box.depth);
          const lies = others.every((other) => other.left >= ends(box) - 1e-9 || ends(other) <= box.left + 1e-9);
          assert.ok(lies, 'boxes of one depth do not overlap');
          const isHeld = boxes.some(
            (caller) => caller.node.children.includes(box.node) && caller.depth === box.depth - 1,
          );
          assert.ok(box.depth === 0 || isHeld);
          assert.ok(box.left >= -1e-9 && ends(box) <= 1 + 1e-9);
        }
      }),
    );
  });

  it('counts each call once, drawn or left out', () => {
    const size = (node: CallNode): number => node.children.reduce((sum, child) => sum + size(child), 1);
    fc.assert(
      fc.property(stacks, fc.double({ min: 0, max: 0.5, noNaN: true }), fc.nat(4), (of, narrowest, depthMax) => {
        const tree = processorCallTree(madeProcessorProfile(of));
        const { boxes, omitted, depth } = flameLayout(tree, { without: [], narrowest, depthMax });
        assert.equal(boxes.length + omitted, size(tree) - 1);
        assert.ok(boxes.every(({ width }) => width >= narrowest) && depth <= depthMax);
      }),
    );
  });

  it('gives the whole width to what is left when idle time is left out', () => {
    const tree = processorCallTree(madeProcessorProfile([['(idle)'], ['(idle)'], ['(idle)'], ['a'], ['a', 'b']]));
    const { boxes, weight } = flameLayout(tree, { ...EVERYTHING, without: ['idle'] });
    assert.deepEqual(
      boxes.map(({ node, left, width, depth }) => ({ name: node.name, left, width, depth })),
      [
        { name: 'a', left: 0, width: 1, depth: 0 },
        { name: 'b', left: 0, width: 0.5, depth: 1 },
      ],
    );
    assert.equal(weight, 2 * SAMPLE_MICROS);
  });
});
