import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demandOf, MACHINE } from '../measured-machine.test-suite.ts';
import { preflight } from '../preflight.ts';
import { networkChecks } from './network-checks.ts';
import { planSockets } from './socket-plan.ts';

const ABLE = { ...MACHINE, hasSocketRings: true };
const TUN = demandOf('tun');

describe('what a run needs for a network of its own', () => {
  it('is nothing over the network of the machine', () => {
    assert.deepEqual(networkChecks('tcp', { ...MACHINE, hasTunDevice: false }), []);
  });

  it('is there', () => {
    assert.deepEqual(
      networkChecks('tun', ABLE).map(({ verdict }) => verdict),
      ['ok', 'ok', 'ok', 'ok'],
    );
    assert.doesNotThrow(() => preflight(planSockets(TUN, ABLE)));
  });

  const missing = [
    ['a device', { hasTunDevice: false, hasNetworkNamespaces: false }, /device for packets.*modprobe tun/s],
    ['a namespace', { hasNetworkNamespaces: false }, /network namespace.*userns.*user\.max_net_namespaces=/s],
    ['io_uring', { hasSocketRings: false }, /io_uring.*io_uring_disabled=0/s],
    ['koffi', { hasSystemCalls: false }, /system calls.*npm install koffi/s],
  ] as const;
  for (const [what, limits, says] of missing) {
    it(`refuses a run without ${what}, and names the command and another transport`, () => {
      assert.throws(
        () => preflight(planSockets(TUN, { ...ABLE, ...limits })),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'PLAN_EXCEEDS_LIMIT');
          assert.match(error.message, says);
          assert.match(error.message, /--set transport=tcp/);
          return true;
        },
      );
    });
  }

  it('names one fault where there is no device: the namespace is not tried then', () => {
    const checks = networkChecks('tun', { ...ABLE, hasTunDevice: false, hasNetworkNamespaces: false });
    assert.deepEqual(
      checks.filter(({ verdict }) => verdict === 'refuse').map(({ what }) => what),
      ['device for packets'],
    );
  });
});

describe('the plan of phones outside the kernel', () => {
  const ofKernel = (transport: 'tcp' | 'tun', machine = ABLE): number | undefined =>
    planSockets(demandOf(transport), machine).memory.find(({ what }) => what.startsWith('kernel'))?.bytes;

  it('counts one end of each connection in the kernel', () => {
    const [both, one] = [ofKernel('tcp'), ofKernel('tun')];
    assert.ok(both !== undefined && one !== undefined && one < 0.6 * both, `${one} of ${both}`);
  });

  it('adds no lanes for want of descriptors, and shards as before', () => {
    const machine = { ...MACHINE, openFilesHard: 2000 };
    const [tcp, tun] = [planSockets(demandOf('tcp'), machine), planSockets(TUN, machine)];
    assert.ok(tcp.lanes > TUN.lanes);
    assert.equal(tun.lanes, TUN.lanes);
    assert.equal(tun.shards, tcp.shards);
  });

  it('gives each lane addresses for its phones in a block of its own', () => {
    const { sources, lanes } = planSockets(TUN, ABLE);
    assert.equal(sources.mode, 'block');
    assert.ok(sources.addressesPerLane * TUN.sockets.portsPerSource * lanes >= TUN.online);
    const few = demandOf('tun', 'phones.count=5M', 'sockets.portsPerSource=10');
    const check = planSockets(few, ABLE).checks.find(({ what }) => what === 'source addresses of a lane');
    assert.equal(check?.verdict, 'refuse');
  });
});
