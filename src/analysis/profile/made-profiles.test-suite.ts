/** Profiles whose calls a test decides. */
import type { AllocationProfile, CallFrame, ProcessorProfile } from './parse-profiles.ts';

export const SAMPLE_MICROS = 1000;

/** A frame at a place such as `src/a.ts:12`; a name in parentheses is a node of V8's own. */
export function madeFrame(name: string, place = `src/${name}.ts:1`): CallFrame {
  if (name.startsWith('(')) return { functionName: name, url: '', lineNumber: -1, columnNumber: -1 };
  const [url = '', line = '0'] = place.split(':');
  return { functionName: name, url, lineNumber: Number(line) - 1, columnNumber: 0 };
}

interface Node {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children: number[];
}

/** A processor profile of one sample per stack, one every millisecond. @param stacks outermost call first. */
export function madeProcessorProfile(stacks: readonly (readonly string[])[], place?: string): ProcessorProfile {
  const nodes: Node[] = [{ id: 1, callFrame: madeFrame('(root)'), children: [] }];
  const samples = stacks.map((stack) => {
    let at = nodes[0] as Node; // the root
    for (const name of stack) {
      let next = at.children.map((id) => nodes[id - 1]).find((child) => child?.callFrame.functionName === name);
      if (next === undefined) {
        next = { id: nodes.length + 1, callFrame: madeFrame(name, place), children: [] };
        nodes.push(next);
        at.children.push(next.id);
      }
      at = next;
    }
    return at.id;
  });
  return {
    nodes,
    startTime: 5000,
    endTime: 5000 + SAMPLE_MICROS * stacks.length,
    samples,
    timeDeltas: samples.map((_, n) => (n === 0 ? 0 : SAMPLE_MICROS)),
  };
}

export const MADE_ALLOCATIONS: AllocationProfile = {
  head: {
    callFrame: madeFrame('(root)'),
    selfSize: 0,
    children: [
      {
        callFrame: madeFrame('work'),
        selfSize: 100,
        children: [
          { callFrame: madeFrame('pack'), selfSize: 700, children: [] },
          { callFrame: madeFrame('(V8 API)'), selfSize: 50, children: [] },
        ],
      },
      { callFrame: madeFrame('pack'), selfSize: 300, children: [] },
    ],
  },
};
