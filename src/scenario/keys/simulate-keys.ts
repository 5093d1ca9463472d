/** The keys of simulations in virtual time: how long, and which faults how often. Runs in real time do not use them. */
import { z } from 'zod';
import { durationMicros, rate, share } from '../terms/scalars.ts';

const faults = z.strictObject({
  connectionsLost: rate().prefault('40/s').describe('Connections that are lost, which both ends notice'),
  halfOpen: rate().prefault('20/s').describe('Connections that are lost; the switch notices at once, the phone later'),
  duplicateConnects: rate()
    .prefault('20/s')
    .describe('Phones that lose their connection without notice to the switch, and connect again'),
  stalls: rate().prefault('20/s').describe('Connections on which nothing passes for up to 1 s, and then all at once'),
  slowLinks: rate().prefault('20/s').describe('Connections whose bytes arrive late and in pieces for up to 1 s'),
  shardPauses: rate().prefault('4/s').describe('Shards that do nothing for up to 200 ms'),
  shardKills: rate().prefault('3/s').describe('Shards that are killed and start again from their stores'),
  shardCrashes: rate()
    .prefault('3/s')
    .describe(
      'Shards whose machine stops, so that what was not synced is lost or torn; they start again from their stores',
    ),
  switchCrashes: rate().prefault('0.5/s').describe('The same, for all shards at once'),
  slowDisks: rate().prefault('2/s').describe('Disks whose syncs are slow for up to 300 ms'),
  fullDisks: rate().prefault('1/s').describe('Disks that are full for up to 300 ms'),
  bitFlips: rate().prefault('1/s').describe('Bits that change in stored files; the shard is killed soon afterwards'),
  phonesForget: rate()
    .prefault('10/s')
    .describe('Phones that restart without their state: what they had not finished is checked for loss only'),
  clockJumps: rate()
    .prefault('1/s')
    .describe('Jumps of the clock that all shards share, or all lanes, ahead by up to 3 s'),
  smallTables: share()
    .prefault('10%')
    .describe('Share of the rings and tables that have the smallest size with which they work'),
});

export const simulateKeys = z.strictObject({
  time: durationMicros({ min: 1000 }).prefault('1s').describe('Virtual time with traffic and faults, per seed'),
  heal: durationMicros({ min: 1000 })
    .prefault('2m')
    .describe(
      'Virtual time after the last fault within which all phones must be online and all messages delivered; longer than any phone is away (phones.away)',
    ),
  swarm: z
    .boolean()
    .prefault(true)
    .describe(
      'Whether each seed draws its own rates: half of the faults are left out, others are up to 4 times as frequent',
    ),
  faults: faults.prefault({}).describe('Faults per second of virtual time, by kind'),
});
