import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { difference, kernelCounters, parseNetworkTables } from './kernel-counters.ts';

const NETSTAT = (overflows: number) => `TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPTimeouts
TcpExt: 0 ${overflows} 9 2
IpExt: InNoRoutes InOctets
IpExt: 0 109478367
`;
const SNMP = (resent: number) => `Ip: Forwarding DefaultTTL
Ip: 2 64
Tcp: RtoAlgorithm MaxConn AttemptFails RetransSegs InErrs OutRsts
Tcp: 1 -1 3 ${resent} 0 44
`;
const reading = (overflows: number, resent: number) =>
  kernelCounters((path) => (path.endsWith('netstat') ? NETSTAT(overflows) : SNMP(resent)));

describe("the kernel's counters", () => {
  it('are found by their group and name, whatever their place', () => {
    const counters = reading(7, 5);
    assert.equal(counters.listenOverflows, 7);
    assert.equal(counters.listenDrops, 9);
    assert.equal(counters.segmentsRetransmitted, 5);
    assert.equal(counters.resetsOut, 44);
    assert.equal(counters.memoryPressures, null, 'this kernel does not have it');
    assert.equal(parseNetworkTables(SNMP(0)).get('Tcp.MaxConn'), -1);
  });

  it('mean something as a difference', () => {
    const added = difference(reading(7, 5), reading(19, 6));
    assert.equal(added.listenOverflows, 12);
    assert.equal(added.segmentsRetransmitted, 1);
    assert.equal(added.attemptsFailed, 0);
    assert.equal(added.memoryPressures, null);
  });

  it('have no difference where one reading is missing, before or after', () => {
    const missing = kernelCounters(() => '');
    for (const [before, after] of [
      [missing, reading(7, 5)],
      [reading(7, 5), missing],
    ] as const)
      assert.ok(Object.values(difference(before, after)).every((value) => value === null));
  });

  it('are all unknown where there are none', () => {
    assert.ok(Object.values(kernelCounters(() => '')).every((value) => value === null));
    assert.ok(
      Object.values(kernelCounters(() => 'TcpExt: ListenOverflows\n')).every((value) => value === null),
      'names alone',
    );
  });
});
