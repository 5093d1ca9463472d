/**
 * The rules of all transports, where packets of phones go through a device and the switch's ends are sockets of the
 * kernel, as in a run: see tun-transport.test.ts for the same against our own TCP in virtual time.
 */
import { before, describe } from 'node:test';
import { currentEpochNanos } from '../../measure/monotonic-clock.ts';
import { SOCKET_COUNTERS } from '../socket-counters.ts';
import { KernelClock } from '../tcp/system/kernel-clock.ts';
import { loadSystemCalls } from '../tcp/system/system-calls.ts';
import { SETTINGS as SOCKETS } from '../tcp/tcp-ends.test-suite.ts';
import { TcpSwitchTransport } from '../tcp/tcp-switch-transport.ts';
import { SOCKET_TRAITS, transportCompliance } from '../transport-compliance.test-suite.ts';
import type { TransportEnds } from '../transport-pair.test-suite.ts';
import { BLOCKS_MAX, deviceName, firstSource, kernelAddress, SWITCH_HOST } from './device/device-addresses.ts';
import { TunDevice } from './device/tun-device.ts';
import { enterTestNamespace, whyNoTun } from './device/tun-here.test-suite.ts';
import { TCP_COUNTERS } from './tcp/tcp-counters.ts';
import { SETTINGS } from './tun-ends.test-suite.ts';
import { TunPhoneTransport } from './tun-phone-transport.ts';

const RING_PLACES = 16;
const WAIT_MICROS = 100;
/** Each pair of ends has a device of its own: the kernel frees one a little after it is closed. */
let devices = 0;

function deviceEnds(slots: number): TransportEnds {
  const lane = devices++ % (BLOCKS_MAX - 1);
  const calls = loadSystemCalls();
  const clock = new KernelClock(calls, currentEpochNanos());
  const counters = (): Float64Array => new Float64Array(SOCKET_COUNTERS.length);
  const device = new TunDevice(
    calls,
    { name: deviceName(lane), kernelAddress: kernelAddress(lane), queuePackets: 1000, hasChecksums: lane % 2 === 0 },
    null,
  );
  const phones = new TunPhoneTransport(
    { ...SETTINGS, storeBytesMax: 2 ** 18 },
    { firstAddress: firstSource(lane), firstPort: 1024, portsPerSource: 4 },
    { port: device, clock, counters: counters(), tcpCounters: new Float64Array(TCP_COUNTERS.length) },
  );
  const shard = new TcpSwitchTransport(
    { ...SOCKETS, ringPlaces: RING_PLACES, rows: slots },
    { backlog: 128, acceptBatch: 16 },
    { calls, clock, counters: counters(), bellDescriptor: null },
  );
  phones.setTargets([{ host: SWITCH_HOST, port: shard.listen(SWITCH_HOST, 0, false) }]);
  const settle = (): void => {
    shard.wait(WAIT_MICROS);
    device.wait(WAIT_MICROS);
  };
  const close = (): void => {
    phones.shutdown();
    shard.shutdown();
    device.shutdown();
  };
  return { phones, shard, settle, close, readers: null };
}

describe('phones over a device', { skip: whyNoTun() }, () => {
  before(() => enterTestNamespace());
  transportCompliance('tun, with the kernel at the other end', deviceEnds, { ...SOCKET_TRAITS, hasPhonesOnly: true });
});
