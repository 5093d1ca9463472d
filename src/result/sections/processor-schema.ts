/** The section of a result about processor time: per message, and by thread. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

const thread = z.strictObject({
  name: z.string(),
  role: z.enum(['shard', 'lane', 'gateway', 'store']),
  busyShare: figureOrNull.describe('Processor time divided by elapsed time'),
  waitShare: figureOrNull.describe('Share of time in which the thread was runnable but had no processor'),
  cpuMicros: figureOrNull,
  heapUsedBytes: countOf,
  collections: countOf,
  pauseMicros: figure,
  allocatedBytes: countOf
    .optional()
    .describe('Bytes allocated on its heap, from the heap sizes before and after its garbage collections'),
});

export const processorSchema = z.strictObject({
  switchMicrosPerMessage: figureOrNull.describe(
    'Of all threads of its process; if both sides share a process, of its shards. In results without the rows below, of its shards',
  ),
  driverMicrosPerMessage: figureOrNull.describe('The same for the driver: of its process, or of its lanes'),
  switchRuntimeMicrosPerMessage: figureOrNull
    .prefault(null)
    .describe(
      'Of its process without its shards: garbage collector, compiler and main thread; null if both sides share a process',
    ),
  driverRuntimeMicrosPerMessage: figureOrNull.prefault(null).describe('The same for the driver, without its lanes'),
  sharedRuntimeMicrosPerMessage: figureOrNull
    .prefault(null)
    .describe('The same for a process that both sides share; null if each side has its own process'),
  bothMicrosPerMessage: figureOrNull
    .prefault(null)
    .describe(
      'Of both sides together, where their time cannot be told apart: over tun the switch receives packets inside the writes of the lanes. The figures of each side are then null',
    ),
  threads: z.array(thread),
});

export type ThreadSummary = z.output<typeof thread>;
