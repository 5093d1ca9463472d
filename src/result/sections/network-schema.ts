/**
 * The section of a result about packets: what lanes over tun, the networks of their phones and the switch's kernel made
 * of them.
 */
import { z } from 'zod';
import { latencySchema } from './latency-schema.ts';
import { countOf, figureOrNull } from './schema-terms.ts';

const fates = {
  packets: countOf.describe('Both ways'),
  lost: countOf.describe('Lost by themselves'),
  lostInBursts: countOf,
  lostInOutages: countOf,
  droppedByQueue: countOf.describe('Would have waited too long for the bandwidth of their phone'),
  droppedForRoom: countOf.describe('Found as many packets in transit as a lane has room for (`network.held`)'),
  delayed: countOf,
  reordered: countOf,
  duplicated: countOf,
};

const roundTripSchema = z
  .strictObject({
    connections: countOf.describe('Those asked for, of the ones open at the end of the measurement'),
    smoothedP50Micros: figureOrNull,
    smoothedP95Micros: figureOrNull,
    shortestP50Micros: figureOrNull.describe('Median of the shortest round trips of connections'),
  })
  .describe(
    'As the kernel of the switch has measured them (TCP_INFO); they include the time for which phones delay acknowledgements',
  );

export const networkSchema = z
  .strictObject({
    links: z
      .array(
        z.strictObject({
          name: z.string(),
          ...fates,
          kernelRoundTrip: roundTripSchema.nullable().prefault(null),
          delivery: latencySchema.describe(
            'From the intended time of a message until its delivery to a phone of the network that was online, while measuring',
          ),
        }),
      )
      .describe('By network of the phones; empty without `network`'),
    lanes: z.array(
      z.strictObject({
        name: z.string(),
        packetsOut: countOf.describe('Packets that the lane gave to the kernel'),
        packetsIn: countOf,
        packetsRefused: countOf.describe('Packets that the kernel did not take'),
        queueDrops: countOf.nullable().describe('Packets for the lane that found its queue full (`tun.queue`)'),
        thrownAway: countOf.describe('Packets that networks lost or dropped'),
        delayed: countOf,
        reordered: countOf,
        duplicated: countOf,
        segmentsSentAgain: countOf.describe('By the TCP of its phones'),
      }),
    ),
    thrownAway: countOf.describe('Packets that networks lost or dropped, and that found no room'),
    phonesSentAgain: countOf.describe('Segments that the TCP of phones sent again'),
    switchSentAgain: countOf
      .nullable()
      .describe("Segments that the switch's kernel sent again; null if it does not say"),
    sentAgainPerThrownAway: figureOrNull.describe('Both together, for each packet thrown away; null if none was'),
    phonesTcp: z.record(z.string(), countOf).describe('Counters of the TCP of all phones, by name'),
    kernelRoundTripStatus: z
      .string()
      .describe("How the round trips of the switch's kernel were read, or why they were not"),
    kernelRoundTrip: roundTripSchema.nullable().prefault(null),
  })
  .nullable()
  .prefault(null)
  .describe(
    'Packets of phones whose TCP is in the driver, from the start of the ramp to the end of the measurement; null over other transports, and in older results. Counters of the kernel are in sockets.kernel.counters',
  );

export type KernelRoundTripPart = z.output<typeof roundTripSchema>;
export type NetworkPart = NonNullable<z.output<typeof networkSchema>>;
