/** The addresses of phones: no two connections share one, and each packet finds its connection again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BLOCK_SOURCES, BLOCKS_MAX, firstSource, SWITCH_ADDRESS, SWITCH_HOST } from './device/device-addresses.ts';
import { Segment } from './packets/segment.ts';
import { addressBits, PhoneAddresses } from './phone-addresses.ts';

const dotted = (bits: number): string => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');

const block = fc
  .record({
    lane: fc.nat(BLOCKS_MAX - 1),
    portsPerSource: fc.integer({ min: 1, max: 60_000 }),
    firstPort: fc.integer({ min: 1024, max: 5000 }),
    rows: fc.integer({ min: 1, max: 1e6 }),
  })
  .filter(({ portsPerSource, rows }) => rows <= BLOCK_SOURCES * portsPerSource);

describe('the addresses of phones', () => {
  it('are in the block of their lane, and lead back to their connection', () => {
    const property = fc.property(block, fc.array(fc.nat(), { maxLength: 20 }), (made, drawn) => {
      const { lane, portsPerSource, firstPort, rows } = made;
      const addresses = new PhoneAddresses({ firstAddress: firstSource(lane), firstPort, portsPerSource }, rows);
      const segment = new Segment();
      const seen = new Map<string, number>();
      for (const row of [0, rows - 1, ...drawn.map((one) => one % rows)]) {
        const [address, port] = [addresses.localAddress(row), addresses.localPort(row)];
        assert.match(dotted(address), new RegExp(`^10\\.${lane}\\.`));
        assert.ok(port >= firstPort && port < firstPort + portsPerSource);
        assert.equal(addresses.rowAt(address, port), row);
        segment.destinationAddress = address;
        segment.destinationPort = port;
        assert.equal(addresses.rowOf(segment), row, 'an answer goes to the phone that it is for');
        const other = seen.get(`${address}:${port}`);
        assert.ok(other === undefined || other === row, `connections ${other} and ${row} have the same address`);
        seen.set(`${address}:${port}`, row);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('are nobody’s outside the ports and sources of the connections', () => {
    const property = fc.property(block, ({ lane, portsPerSource, firstPort, rows }) => {
      const first = firstSource(lane);
      const addresses = new PhoneAddresses({ firstAddress: first, firstPort, portsPerSource }, rows);
      const outside: readonly (readonly [address: number, port: number])[] = [
        [first - 1, firstPort],
        [first, firstPort - 1],
        [first, firstPort + portsPerSource],
        [addresses.localAddress(rows - 1) + 1, firstPort],
        [SWITCH_ADDRESS, firstPort],
      ];
      for (const [address, port] of outside) assert.ok(addresses.rowAt(address | 0, port) < 0, dotted(address));
      const next = addresses.localPort(rows - 1) + 1;
      assert.ok(addresses.rowAt(addresses.localAddress(rows - 1), next) < 0, 'a connection more than there are');
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('lead to the target of each shard, or all to one', () => {
    const addresses = new PhoneAddresses({ firstAddress: firstSource(0), firstPort: 1024, portsPerSource: 9 }, 100);
    const hosts = [SWITCH_HOST, '127.0.0.1', '255.254.1.2'];
    addresses.setTargets(hosts.map((host, n) => ({ host, port: 7000 + n })));
    for (const shard of [0, 1, 2]) {
      const target = addresses.targetOf(shard);
      assert.equal(dotted(addresses.remoteAddress(5, target)), hosts[shard]);
      assert.equal(addresses.remotePort(5, target), 7000 + shard);
    }
    assert.equal(addressBits(SWITCH_HOST), SWITCH_ADDRESS);
    addresses.setTargets([{ host: '10.255.0.1', port: 4000 }]);
    assert.deepEqual(
      new Set([0, 1, 17].map((shard) => addresses.remotePort(0, addresses.targetOf(shard)))),
      new Set([4000]),
    );
  });
});
