/** The keys of reconnection storms, and what they demand of other keys. */
import { z } from 'zod';
import type { KeyFault } from '../terms/key-fault.ts';
import { count, durationMicros, share } from '../terms/scalars.ts';
import { TRANSPORTS, type TransportName } from '../terms/transports.ts';
import { parseAddressBlock } from './address-block.ts';

/** Most storms of a scenario: each has histograms of its own in every lane. */
const STORMS_MAX = 16;

const storm = z.strictObject({
  at: durationMicros().describe('When the connections are lost, from the start of the measurement'),
  share: share().optional().describe('Share of all connections that are lost, chosen at random by the seed'),
  shard: count({ max: 511 })
    .optional()
    .describe('Instead of a share: all connections to the shard with this number, from 0'),
  block: count({ max: 1023 })
    .optional()
    .describe('Instead of a share: the phones of the block of `numbering` with this place, from 0'),
  addresses: z
    .string()
    .refine((text) => parseAddressBlock(text) !== null, {
      error: 'a block of addresses such as 127.1.0.0/20, with no bit set after its prefix',
    })
    .optional()
    .describe(
      'Instead of a share: the phones that connect from this block of source addresses, such as 127.1.0.0/20, as when one network fails. Over memory, the addresses are those that phones would have over tcp, with sockets.portsPerSource phones each; not over tun',
    ),
  notice: z
    .enum(['reset', 'silent'])
    .prefault('reset')
    .describe(
      'reset: the connection is reset, both ends notice at once. silent: neither end is told; a phone notices when its next heartbeat is not answered, the switch when the phone returns or its time-out ends',
    ),
  silence: durationMicros({ min: 1000 })
    .prefault('10s')
    .describe('How long a phone waits for the answer to its heartbeat, with notice: silent'),
});

export const stormsKey = z
  .array(storm)
  .max(STORMS_MAX)
  .prefault([])
  .describe('Reconnection storms: connections that are lost at once, whose phones log in again (login.backoff)');

type Storms = z.output<typeof stormsKey>;

/** The other keys that storms depend on. */
interface Surroundings {
  readonly storms: Storms;
  readonly transport: TransportName;
  readonly phones: { readonly heartbeat: number };
  readonly phases: { readonly measure: number };
  readonly numbering: readonly unknown[];
  readonly switch: { readonly shards: number; readonly placement: 'any' | 'home' };
  readonly sockets: { readonly listen: 'auto' | 'shared' | 'each' };
}

/** The first fault of the storms of a scenario; null if there is none. */
export function stormsFault(settings: Surroundings): KeyFault | null {
  const { storms, switch: switchKeys, numbering, phones, phases } = settings;
  for (const [place, one] of storms.entries()) {
    const fault = (key: string | null, what: string) => ({
      path: ['storms', place, ...(key === null ? [] : [key])],
      what,
    });
    const targets = [one.share, one.shard, one.block, one.addresses].filter((target) => target !== undefined);
    if (targets.length !== 1)
      return fault(null, `expected one of share, shard, block and addresses, found ${targets.length}`);
    if (one.addresses !== undefined && TRANSPORTS[settings.transport].hasOwnNetwork)
      return fault('addresses', 'expected another transport: over tun phones are in a network of the run, by lanes');
    if (one.share === 0) return fault('share', 'expected a share above 0');
    const before = storms[place - 1];
    if (before !== undefined && one.at <= before.at)
      return fault('at', 'expected a later time than that of the storm before');
    if (one.at >= phases.measure) return fault('at', 'expected a time within the measurement (phases.measure)');
    if (one.shard !== undefined && one.shard >= switchKeys.shards)
      return fault('shard', `expected less than switch.shards, ${switchKeys.shards}`);
    if (one.shard !== undefined && !isShardKnown(settings))
      return fault(
        'shard',
        'expected sockets.listen=each, because with one port for all shards the kernel chooses the shard',
      );
    const blocks = Math.max(1, numbering.length); // without blocks there is one, as large as the phones need
    if (one.block !== undefined && one.block >= blocks)
      return fault('block', `expected the place of a block of numbering, of which there are ${blocks}`);
    if (one.notice === 'silent' && !Number.isFinite(phones.heartbeat))
      return fault('notice', 'expected phones.heartbeat as well: a phone without heartbeats never notices silence');
  }
  return null;
}

/** Whether the driver knows which shard a phone is connected to: not if the kernel distributes connections. */
function isShardKnown({ transport, switch: { shards, placement }, sockets }: Surroundings): boolean {
  return !TRANSPORTS[transport].sharesPort || shards === 1 || sockets.listen === 'each' || placement === 'home';
}
