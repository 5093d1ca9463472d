/** A transport between a shard and its phones in which some rings have no room for deliveries. */
import { CLAIM_FULL, type Transport } from '../../wire/transport.ts';

/** Rings towards some of the phones that are full but for the reserve of answers. */
export class FullRings {
  readonly slots = new Set<number>();

  wrap(transport: Transport): Transport {
    return new Proxy(transport, {
      get: (target, name) => {
        if (name === 'claim') {
          return (slot: number, bytes: number, reserveBytes: number): number =>
            reserveBytes > 0 && this.slots.has(slot) ? CLAIM_FULL : target.claim(slot, bytes, reserveBytes);
        }
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}
