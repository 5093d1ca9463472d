/** What a machine says that cannot give phones a device: what is missing, and what to do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../../base/errors.ts';
import { ErrorNumber } from '../../tcp/system/error-number.ts';
import { loadSystemCalls, type SystemCalls } from '../../tcp/system/system-calls.ts';
import { kernelAddress } from './device-addresses.ts';
import { openTun } from './open-tun.ts';
import { enterRunNamespace } from './run-namespace.ts';
import { whyNoTun } from './tun-here.test-suite.ts';

const SETTINGS = { name: 'phones0', kernelAddress: kernelAddress(0), queuePackets: 64, hasChecksums: false };

/** The calls of a machine on which opening anything fails. */
function refusing(errno: number): SystemCalls {
  const failing: Partial<SystemCalls> = { open: () => -1, errno: () => errno };
  return failing as SystemCalls; // opening the device needs no other before it has succeeded
}

function refusalOf(open: () => void): string {
  try {
    open();
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    assert.equal(error.code, 'TRANSPORT_UNAVAILABLE');
    assert.match(error.message, /^The transport tun cannot be used: .*--set transport=tcp/);
    return error.message;
  }
  return assert.fail('a refusal was expected');
}

describe('a device that cannot be opened', () => {
  const wrong: [what: string, errno: number, remedy: RegExp][] = [
    ['is not there', ErrorNumber.ENOENT, /ENOENT.*modprobe tun.*docker run --device/],
    ['has no driver', ErrorNumber.ENODEV, /ENODEV.*modprobe tun/],
    ['belongs to root', ErrorNumber.EACCES, /EACCES.*chmod 666 \/dev\/net\/tun/],
    ['is forbidden in a container', ErrorNumber.EPERM, /EPERM.*--cap-add NET_ADMIN/],
    ['fails otherwise', ErrorNumber.ENOMEM, /ENOMEM.*needs Linux, \/dev\/net\/tun/],
  ];
  for (const [what, errno, remedy] of wrong)
    it(`because it ${what}, says what to do`, () => {
      assert.match(
        refusalOf(() => openTun(refusing(errno), SETTINGS)),
        remedy,
      );
    });
});

describe('a namespace that cannot be made', () => {
  const failing = (errno: number): SystemCalls => {
    const calls: Partial<SystemCalls> = { unshare: () => -1, errno: () => errno };
    return calls as SystemCalls; // nothing is called behind it
  };

  it('names the right that is missing, or the limit', () => {
    assert.match(
      refusalOf(() => enterRunNamespace(failing(ErrorNumber.EPERM), 100, false)),
      /CAP_SYS_ADMIN.*user namespaces/,
    );
    assert.match(
      refusalOf(() => enterRunNamespace(failing(ErrorNumber.ENOMEM), 100, false)),
      /ENOMEM.*max_net_namespaces/,
    );
  });
});

describe('a device of a lane', { skip: whyNoTun() }, () => {
  it('is refused if another has its name, and leaves nothing behind', () => {
    const calls = loadSystemCalls();
    enterRunNamespace(calls, 100, false);
    const first = openTun(calls, SETTINGS);
    assert.match(
      refusalOf(() => openTun(calls, SETTINGS)),
      /phones0 cannot be made \(TUNSETIFF\): EBUSY/,
    );
    calls.close(first);
    calls.close(openTun(calls, SETTINGS));
  });
});
