/**
 * The address of a session: the node, the shard and the slot of its row, in one 32-bit integer.
 *
 *     bit 31                        s + n          s           0
 *      +------------------------------+------------+-----------+
 *      |  slot                        |  node      |  shard    |
 *      +------------------------------+------------+-----------+
 *       32 - n - s bits                n bits       s bits
 *
 * `s` and `n` are as many bits as the highest number of a shard of a node, and of a node, needs: with one node `n` is
 * 0, and the node takes nothing away from the slots. Node and shard stand side by side, so one comparison tells
 * whether an address is on this shard, however many nodes there are. All 32 bits may be in use, so an address may be
 * negative; V8 keeps it as a small integer.
 */
import type { ShardSettings } from '../terms/shard-settings.ts';

const ADDRESS_BITS = 32;
/** Nodes of a switch, and the number of this one. */
export const NODES = 1;
const NODE = 0;

/** Most slots of a shard that an address can name. */
export function slotsMax(nodes: number, shards: number): number {
  return 2 ** (ADDRESS_BITS - bitsFor(nodes) - bitsFor(shards));
}

/** Makes the addresses of one shard's sessions, and takes any address apart. */
export class AddressLayout {
  readonly #shardBits: number;
  readonly #shardMask: number;
  readonly #slotShift: number;
  readonly #ownMask: number;
  readonly #own: number;

  /**
   * @param nodes nodes of the switch; this one is `node`.
   * @param shards shards of each node, gateways included; this one is `shard`.
   */
  constructor(nodes: number, shards: number, node: number, shard: number) {
    this.#shardBits = bitsFor(shards);
    this.#shardMask = 2 ** this.#shardBits - 1;
    this.#slotShift = this.#shardBits + bitsFor(nodes);
    this.#ownMask = 2 ** this.#slotShift - 1;
    this.#own = (node << this.#shardBits) | shard;
  }

  static of({ peers, shard }: Pick<ShardSettings, 'peers' | 'shard'>): AddressLayout {
    return new AddressLayout(NODES, peers, NODE, shard);
  }

  /** The address of this shard's session in a slot. */
  addressOf(slot: number): number {
    return (slot << this.#slotShift) | this.#own;
  }

  /** Whether an address is on this shard of this node. */
  isOwn(address: number): boolean {
    return (address & this.#ownMask) === this.#own;
  }

  slotOf(address: number): number {
    return address >>> this.#slotShift;
  }

  shardOf(address: number): number {
    return address & this.#shardMask;
  }

  nodeOf(address: number): number {
    return (address & this.#ownMask) >>> this.#shardBits;
  }
}

/** Bits of the highest number of so many things. */
function bitsFor(things: number): number {
  return 32 - Math.clz32(things - 1);
}
