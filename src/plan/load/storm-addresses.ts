/**
 * The source addresses of phones, for storms that drop a block of them: which phones a block has, by arithmetic
 * (`wire/source-address.ts`). Over memory phones have no sockets; their addresses are those that they would have over
 * tcp.
 */
import { TrunklineError } from '../../base/errors.ts';
import type { Population } from '../../driver/terms/population.ts';
import { type AddressBlock, parseAddressBlock } from '../../scenario/keys/address-block.ts';
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';
import { sourceAddressBits, sourceAddressOf } from '../../wire/source-address.ts';

/** The block of a storm's key `addresses`, which the schema has checked. */
export function stormAddresses(text: string): AddressBlock {
  return parseAddressBlock(text) ?? { first: 0, last: -1 };
}

/**
 * Checks that each storm on a block of addresses has phones to drop.
 * @param isSpread whether phones connect from addresses of their own, not from one that the kernel chooses.
 * @throws SETTING_INVALID with the addresses that phones have.
 */
export function checkStormAddresses(settings: ScenarioSettings, population: Population, isSpread: boolean): void {
  for (const { addresses } of settings.storms) {
    if (addresses === undefined) continue;
    const found = isSpread ? addressesOf(settings, population) : null;
    if (found === null)
      throw invalid(
        addresses,
        'phones with addresses of their own, which they have on Linux with a switch on loopback',
      );
    const { first, last } = stormAddresses(addresses);
    if (found.some(({ bits }) => bits >= first && bits <= last)) continue;
    const sorted = found.sort((a, b) => a.bits - b.bits);
    throw invalid(
      addresses,
      `a block with addresses of phones, which connect from ${sorted[0]?.text} to ${sorted.at(-1)?.text}`,
    );
  }
}

function addressesOf({ sockets }: ScenarioSettings, population: Population): { bits: number; text: string }[] {
  const { portsPerSource } = sockets;
  const rows = population.rowsOf(population.online);
  const perLane = Math.ceil(rows / portsPerSource);
  return Array.from({ length: population.lanes * perLane }, (_, n) => {
    const lane = n % population.lanes;
    const row = Math.floor(n / population.lanes) * portsPerSource;
    return {
      bits: sourceAddressBits(lane, row, portsPerSource),
      text: sourceAddressOf(lane, row, portsPerSource),
    };
  });
}

function invalid(addresses: string, expected: string): TrunklineError {
  return new TrunklineError('SETTING_INVALID', `storms: addresses ${addresses}: expected ${expected}`);
}
