/**
 * A lane's end over tun: its device, the TCP of its phones, and its sleep in epoll. Shards have ordinary sockets, as
 * over tcp.
 */
import { namedCounters } from '../../../base/counters.ts';
import { DEFAULT_SLACK_MICROS } from '../../../measure/set-timer-slack.ts';
import { plannedSockets } from '../../../plan/planned-sockets.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import { hasNetwork } from '../../../scenario/terms/has-network.ts';
import { loadSystemCalls } from '../../../transport/tcp/system/system-calls.ts';
import { deviceName, firstSource, kernelAddress } from '../../../transport/tun/device/device-addresses.ts';
import { checkRunNamespace } from '../../../transport/tun/device/run-namespace.ts';
import { askRoundTrips } from '../../../transport/tun/device/socket-diagnosis.ts';
import { TunDevice } from '../../../transport/tun/device/tun-device.ts';
import { PACKET_COUNTERS } from '../../../transport/tun/packets/packet-port.ts';
import type { StackSettings } from '../../../transport/tun/tcp/stack-parts.ts';
import { TCP_COUNTERS } from '../../../transport/tun/tcp/tcp-counters.ts';
import { TunPhoneTransport } from '../../../transport/tun/tun-phone-transport.ts';
import type { KernelRoundTrip, NetworkReading } from '../../../verdict/record/network-reading.ts';
import { hugePageMemory } from '../memory/huge-page-memory.ts';
import type { PhoneEnd, ThreadPlace } from '../thread/thread-end.ts';
import { laneNetwork } from './lane-network.ts';
import { epollLoop } from './tcp-ends.ts';

/** Lower ports are those of well-known services. */
const FIRST_PORT = 1024;
const MICROS_PER_MILLI = 1000;
/** Fewest connections of a lane with something under way that have room at the same time. */
const ACTIVITIES_MIN = 4096;
/**
 * Linux delays acknowledgements by 40 to 200 ms. The longest lets most of them travel with the next message of a busy
 * phone. Where packets are lost, the kernel sends again after 200 ms (see `device/run-namespace.ts`), so there it is
 * the shortest.
 */
const ACK_DELAY_MILLIS = 200;
const ACK_DELAY_MILLIS_OVER_NETWORK = 40;
/** Connections of a lane whose round trips are read: enough for a median of each network, in some milliseconds. */
const SAMPLED_CONNECTIONS = 500;

export function makeTunPhoneEnd({ plan, memory, clock, index, isCalibration }: ThreadPlace): PhoneEnd {
  checkRunNamespace();
  const { sockets, tun, memory: pages } = plan.settings;
  const { bell, descriptor } = memory.eventDoorbell(memory.buffers.shape.shards + index);
  const calls = loadSystemCalls();
  const device = new TunDevice(
    calls,
    {
      name: deviceName(index),
      kernelAddress: kernelAddress(index),
      queuePackets: tun.queue,
      hasChecksums: tun.checksums,
    },
    descriptor,
  );
  const block = { firstAddress: firstSource(index), firstPort: FIRST_PORT, portsPerSource: sockets.portsPerSource };
  const tcpCounters = new Float64Array(TCP_COUNTERS.length);
  const phoneOf = (address: number, port: number): number => transport.phoneOf(address, port);
  const network = laneNetwork(plan, index, isCalibration, { port: device, clock, phoneOf });
  const transport: TunPhoneTransport = new TunPhoneTransport(stackSettings(plan, index), block, {
    port: network?.port ?? device,
    clock,
    counters: memory.laneSockets(index),
    tcpCounters,
    memory: hugePageMemory(pages.pages),
  });
  const sleep = {
    wait: (micros: number): void => {
      if (transport.hasInput()) return;
      const dueMicros = transport.untilDueMicros(micros);
      device.wait(network === null ? dueMicros : network.port.untilDueMicros(dueMicros));
    },
  };
  const roundTrips = (): KernelRoundTrip[] | null => {
    const phones = transport.sample(SAMPLED_CONNECTIONS);
    const asked = askRoundTrips(
      calls,
      phones.map(({ socket }) => socket),
    );
    const linkOf = (n: number): number => network?.linkAt(phones[n]?.token ?? 0) ?? 0;
    return asked?.map(([n, roundTrip]) => ({ link: linkOf(n), ...roundTrip })) ?? null;
  };
  const reading = (): NetworkReading => ({
    device: namedCounters(PACKET_COUNTERS, device.counters),
    tcp: namedCounters(TCP_COUNTERS, tcpCounters),
    links: network?.links() ?? [],
    roundTrips: roundTrips(),
  });
  return {
    transport,
    loop: epollLoop(plan, bell, sleep, DEFAULT_SLACK_MICROS),
    ...(network === null ? {} : { deliveryTo: (row: number) => network.deliveryTo(row) }),
    ledger: () => [...transport.ledger(), ...device.ledger(), ...(network?.port.ledger() ?? [])],
    command: (command) => {
      if (command.kind === 'targets') transport.setTargets(command.targets);
      if (command.kind === 'startTraffic') network?.port.startTraffic(command.startMicros);
      return command.kind === 'network' ? reading() : null;
    },
    close: (onProgress) => {
      transport.shutdown(onProgress);
      device.shutdown();
    },
  };
}

function stackSettings(plan: RunPlan, lane: number): StackSettings {
  const { sockets, driver, seed, network } = plan.settings;
  const { laneRows } = plannedSockets(plan);
  // A message in flight keeps both of its phones busy; others answer, beat or connect meanwhile.
  const busy = Math.ceil((2 * driver.messagesInFlight) / plan.shape.lanes) + sockets.connecting;
  return {
    rowsMax: laneRows,
    activitiesMax: Math.min(laneRows, Math.max(ACTIVITIES_MIN, busy)),
    storeBytesMax: sockets.outputPool,
    outputBytesMax: sockets.outputLimit,
    ackDelayMillis: hasNetwork(network) ? ACK_DELAY_MILLIS_OVER_NETWORK : ACK_DELAY_MILLIS,
    connectTimeoutMillis: Math.ceil(sockets.connectTimeout / MICROS_PER_MILLI),
    connectingMax: sockets.connecting,
    seed: seed + lane,
  };
}
