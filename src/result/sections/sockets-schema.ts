/** The section of a result about sockets: how they were configured, and what the kernel reported. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

export const socketsSchema = z
  .strictObject({
    shards: countOf.describe('If the switch runs elsewhere: the number of its addresses'),
    lanes: countOf,
    listen: z.enum(['shared', 'each']),
    listenReason: z.string(),
    hold: z
      .enum(['rings', 'descriptors'])
      .nullable()
      .prefault(null)
      .describe(
        'How threads held their sockets over tcp: in tables of io_uring, or one descriptor per socket; null over other transports, and in older results',
      ),
    sourceAddresses: countOf.describe('Number of addresses from which phones connect; 0: chosen by the kernel'),
    endsHere: countOf.describe('Ends of each connection on this machine, 1 or 2'),
    settings: z.record(z.string(), z.unknown()).describe('Every key of `sockets` in the scenario, including defaults'),
    kernel: z.strictObject({
      source: z.string().describe('Source of the figures of kernel memory'),
      cannotSee: z.array(z.string()),
      caches: z.record(z.string(), figure).describe('Bytes of whole slabs during the measurement, by cache'),
      counters: z.record(z.string(), figureOrNull).describe('From the start of the ramp to the end of the measurement'),
    }),
  })
  .nullable()
  .describe('Configuration of the sockets, and what the kernel reported about them; null without sockets');
