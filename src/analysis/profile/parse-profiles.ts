/**
 * The two files of a profiled thread, as V8 writes them and DevTools and speedscope read them: `.cpuprofile` and
 * `.heapprofile`. A file that was cut off or damaged is an error, never a wrong figure.
 *
 * Format: DevTools protocol, types `Profiler.Profile` and `HeapProfiler.SamplingHeapProfile`.
 */
import { z } from 'zod';
import { TrunklineError } from '../../base/errors.ts';

const figure = z.number();
const place = z.number().int();

const callFrame = z.object({
  functionName: z.string(),
  url: z.string(),
  /** From 0; -1 for a function of V8 or Node that is not JavaScript. */
  lineNumber: place,
  columnNumber: place,
});

const processorProfile = z.object({
  nodes: z.array(z.object({ id: place, callFrame, children: z.array(place).optional() })).min(1),
  startTime: figure,
  endTime: figure,
  samples: z.array(place),
  timeDeltas: z.array(figure),
});

export interface AllocationNode {
  readonly callFrame: CallFrame;
  readonly selfSize: number;
  readonly children: readonly AllocationNode[];
}

const allocationNode: z.ZodType<AllocationNode> = z.object({
  callFrame,
  selfSize: z.number().min(0),
  get children() {
    return z.array(allocationNode);
  },
});

const allocationProfile = z.object({ head: allocationNode });

export type CallFrame = z.output<typeof callFrame>;
/** Times in microseconds. */
export type ProcessorProfile = z.output<typeof processorProfile>;
export type AllocationProfile = z.output<typeof allocationProfile>;

/** @param file its name, for the message. @throws PROFILE_INVALID. */
export function parseProcessorProfile(text: string, file: string): ProcessorProfile {
  const profile = parsed(processorProfile, text, file);
  const ids = new Set(profile.nodes.map(({ id }) => id));
  const children = profile.nodes.flatMap((node) => node.children ?? []);
  const parents = new Set(children);
  if (ids.size < profile.nodes.length) throw invalid(file, 'two nodes have the same id');
  if (parents.size < children.length) throw invalid(file, 'a node has two parents');
  const roots = profile.nodes.filter(({ id }) => !parents.has(id));
  if (roots.length !== 1) throw invalid(file, `${roots.length} nodes have no parent, and one should`);
  const strangers = [...children, ...profile.samples].filter((id) => !ids.has(id));
  if (strangers.length > 0) throw invalid(file, `node ${strangers[0]} is named and does not exist`);
  const { samples, timeDeltas } = profile;
  if (samples.length !== timeDeltas.length) {
    throw invalid(file, `there are ${samples.length} samples and ${timeDeltas.length} times`);
  }
  return profile;
}

/** @param file its name, for the message. @throws PROFILE_INVALID. */
export function parseAllocationProfile(text: string, file: string): AllocationProfile {
  return parsed(allocationProfile, text, file);
}

function parsed<Shape>(schema: z.ZodType<Shape>, text: string, file: string): Shape {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(file, 'it is not JSON, or it was cut off');
  }
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw invalid(file, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

function invalid(file: string, what: string): TrunklineError {
  return new TrunklineError(
    'PROFILE_INVALID',
    `${file}: expected a profile as V8 writes it, found that ${what}. Profile again with trunkline profile.`,
  );
}
