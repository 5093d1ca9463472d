/**
 * The tree of calls of a thread, with what each call weighs: time or allocated bytes. Processor time and allocations
 * have the same tree, so that both are ranked and drawn by the same code.
 */
import type { AllocationNode, AllocationProfile, CallFrame, ProcessorProfile } from './parse-profiles.ts';

/**
 * What a node stands for. `asleep`: the thread's own sleep, a nap or a wait for input; `idle`: Node's event loop waits;
 * `collector`: the garbage collector; `program`: code that is neither JavaScript nor called by it, such as the
 * compiler.
 */
export type CallKind = 'root' | 'function' | 'asleep' | 'idle' | 'collector' | 'program';

/** Kinds of time in which a thread does nothing. */
export const AT_REST: readonly CallKind[] = ['asleep', 'idle'];

export interface CallNode {
  readonly name: string;
  /** File and line, such as `src/switch/shard.ts:104`; empty for functions that are not JavaScript. */
  readonly place: string;
  readonly kind: CallKind;
  /** Microseconds or bytes of the function itself. */
  readonly self: number;
  /** The same with everything that it called. */
  readonly total: number;
  readonly children: readonly CallNode[];
}

/** Names that V8 gives to nodes that are not functions. */
const KINDS: Readonly<Record<string, CallKind>> = {
  '(root)': 'root',
  '(idle)': 'idle',
  '(garbage collector)': 'collector',
  '(program)': 'program',
};

const NAME_CHARACTERS_MAX = 200;

/** The functions in which a thread sleeps, by file. The time of an idle thread is in them and not in `(idle)`. */
const ASLEEP_NAMES: ReadonlySet<string> = new Set(['nap', 'park', 'sleep']);
const ASLEEP_FILES =
  /^src\/(run\/worker\/reactors\/run-(event-)?reactor|ring\/doorbell|transport\/tcp\/system\/event-doorbell)\.ts$/;

function kindOf({ functionName, url }: CallFrame, parent: CallKind): CallKind {
  if (parent === 'asleep' || (ASLEEP_NAMES.has(functionName) && ASLEEP_FILES.test(url))) return 'asleep';
  return url === '' ? (KINDS[functionName] ?? 'function') : 'function';
}

/** Names come from the code that was run, and files from anywhere: a name may have any length. */
function cut(name: string): string {
  return name.length <= NAME_CHARACTERS_MAX ? name : [...name].slice(0, NAME_CHARACTERS_MAX).join('');
}

function named(frame: CallFrame, parent: CallKind): Pick<CallNode, 'name' | 'place' | 'kind'> {
  const line = frame.lineNumber < 0 ? '' : `:${frame.lineNumber + 1}`;
  return {
    name: frame.functionName === '' ? '(anonymous)' : cut(frame.functionName),
    place: frame.url === '' ? '' : cut(`${frame.url}${line}`),
    kind: kindOf(frame, parent),
  };
}

/**
 * The tree of a processor profile, in microseconds. A sample stands for the time until the next one, as in DevTools: so
 * the sum of all samples is the time from the first sample to the end.
 */
export function processorCallTree(profile: ProcessorProfile): CallNode {
  const micros = sampleMicros(profile);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Set(profile.nodes.flatMap((node) => node.children ?? []));
  const build = (id: number, parent: CallKind): CallNode => {
    const node = nodes.get(id) as ProcessorProfile['nodes'][number]; // parsing has checked that it exists
    const own = named(node.callFrame, parent);
    return weighed(
      own,
      micros.get(id) ?? 0,
      (node.children ?? []).map((child) => build(child, own.kind)),
    );
  };
  const root = profile.nodes.find(({ id }) => !parents.has(id)) as ProcessorProfile['nodes'][number]; // likewise
  return build(root.id, 'root');
}

/** Microseconds of each node itself. V8 may write two neighbouring samples in the wrong order. */
function sampleMicros({ samples, timeDeltas, startTime, endTime }: ProcessorProfile): Map<number, number> {
  let at = startTime;
  const ordered = samples
    .map((id, n) => {
      at += timeDeltas[n] as number; // there are as many as samples
      return { id, at };
    })
    .sort((a, b) => a.at - b.at);
  const sums = new Map<number, number>();
  ordered.forEach(({ id, at: from }, n) => {
    const until = ordered[n + 1]?.at ?? Math.max(from, endTime);
    sums.set(id, (sums.get(id) ?? 0) + until - from);
  });
  return sums;
}

/** The tree of an allocation profile, in bytes. */
export function allocationCallTree({ head }: AllocationProfile): CallNode {
  const build = ({ callFrame, selfSize, children }: AllocationNode, parent: CallKind): CallNode => {
    const own = named(callFrame, parent);
    return weighed(
      own,
      selfSize,
      children.map((child) => build(child, own.kind)),
    );
  };
  return build(head, 'root');
}

function weighed(own: Pick<CallNode, 'name' | 'place' | 'kind'>, self: number, children: CallNode[]): CallNode {
  return { ...own, self, total: children.reduce((sum, { total }) => sum + total, self), children };
}

/** The weight of all nodes of a kind. */
export function weightOf(tree: CallNode, kind: CallKind): number {
  const own = tree.kind === kind ? tree.self : 0;
  return tree.children.reduce((sum, child) => sum + weightOf(child, kind), own);
}
