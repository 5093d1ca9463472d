/** What `best-real` is on machines that lack one thing or another. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MachineLimits } from '../../measure/machine-limits.ts';
import { demandOf, MACHINE } from '../measured-machine.test-suite.ts';
import { preflight } from '../preflight.ts';
import { bestReal } from './best-real.ts';
import { planSockets } from './socket-plan.ts';

const ABLE: MachineLimits = { ...MACHINE, hasSocketRings: true };

/** What each machine lacks for tun. */
const LACKS: readonly (readonly [string, Partial<MachineLimits>, RegExp])[] = [
  ['no device', { hasTunDevice: false, hasNetworkNamespaces: false }, /lacks device for packets .*: modprobe tun/],
  ['no namespace', { hasNetworkNamespaces: false }, /lacks network namespace .*: sysctl -w .*userns/],
  ['no io_uring', { hasSocketRings: false }, /lacks io_uring .*: sysctl -w kernel\.io_uring_disabled=0/],
  [
    'nothing, as elsewhere than on Linux',
    { hasSystemCalls: false, hasTunDevice: false, hasNetworkNamespaces: false, hasSocketRings: false },
    /lacks system calls \(koffi\): npm install koffi.*; device for packets .*; io_uring/,
  ],
];

describe('the best real transport of a machine', () => {
  it('is tun where nothing is missing, and a run over it is not refused', () => {
    const { transport, sentence } = bestReal(ABLE);
    assert.equal(transport, 'tun');
    assert.match(sentence, /^best-real is tun here: /);
    assert.doesNotThrow(() => preflight(planSockets(demandOf(transport), ABLE)));
  });

  for (const [what, lack, says] of LACKS) {
    it(`is tcp with ${what}, and one line says what is missing and the command`, () => {
      const machine = { ...ABLE, ...lack };
      const { transport, sentence } = bestReal(machine);
      assert.equal(transport, 'tcp');
      assert.match(sentence, /^best-real is tcp here: for tun this machine /);
      assert.match(sentence, says);
      assert.ok(!sentence.includes('\n'), 'one line');
      assert.throws(() => preflight(planSockets(demandOf('tun'), machine)), 'tun would have been refused');
    });
  }

  it('does not change with the free memory: where tun does not fit, tcp fits even less', () => {
    for (const memoryFreeBytes of [null, 0, 4 * 2 ** 30, ABLE.memoryFreeBytes]) {
      const machine = { ...ABLE, memoryFreeBytes };
      assert.equal(bestReal(machine).transport, 'tun');
      const fitsOver = (transport: 'tcp' | 'tun'): number | null =>
        planSockets(demandOf(transport), machine).connectionsThatFit;
      if (memoryFreeBytes === null) continue;
      assert.ok(Number(fitsOver('tun')) >= Number(fitsOver('tcp')));
    }
    const small = { ...ABLE, memoryFreeBytes: 4 * 2 ** 30 };
    assert.throws(() => preflight(planSockets(demandOf('tun'), small)), {
      code: 'PLAN_EXCEEDS_MEMORY',
      message: /memory: needs .*--set phones\.count=\d/s,
    });
  });
});
