/** The ends of a thread over tcp: its own descriptor table, its sockets, and its sleep in epoll. */
import type { Clock } from '../../../base/clock.ts';
import { DEFAULT_SLACK_MICROS } from '../../../measure/set-timer-slack.ts';
import { plannedSockets } from '../../../plan/planned-sockets.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import type { TcpConnections } from '../../../transport/tcp/connections/tcp-connections.ts';
import type { TcpParts, TcpSettings } from '../../../transport/tcp/connections/tcp-settings.ts';
import type { EventDoorbell } from '../../../transport/tcp/system/event-doorbell.ts';
import { KernelClock } from '../../../transport/tcp/system/kernel-clock.ts';
import { Linux, loadSystemCalls } from '../../../transport/tcp/system/system-calls.ts';
import { systemRefusal } from '../../../transport/tcp/system/system-refusal.ts';
import { closeInherited } from '../../../transport/tcp/system/thread-descriptors.ts';
import { TcpPhoneTransport } from '../../../transport/tcp/tcp-phone-transport.ts';
import { TcpSwitchTransport } from '../../../transport/tcp/tcp-switch-transport.ts';
import { sourceAddressOf } from '../../../wire/source-address.ts';
import { napper, runReactor } from '../reactors/run-reactor.ts';
import type { PhoneEnd, SwitchEnd, ThreadLoop, ThreadPlace } from '../thread/thread-end.ts';

export function makeTcpClock(epochNanos: string): Clock {
  return new KernelClock(loadSystemCalls(), epochNanos);
}

export function makeTcpSwitchEnd(place: ThreadPlace): SwitchEnd {
  const { plan, memory, index } = place;
  const { bell, parts } = takeTable(place, index, memory.shardSockets(index));
  const { backlog, acceptBatch } = plan.settings.sockets;
  const settings = tcpSettings(plan, plannedSockets(plan).shardRows);
  const transport = new TcpSwitchTransport(settings, { backlog, acceptBatch }, parts);
  return {
    transport,
    loop: epollLoop(plan, bell, transport, 0),
    ledger: () => transport.ledger(),
    command: (command) => {
      if (command.kind === 'listen') return transport.listen(command.host, command.port, command.isShared);
      if (command.kind === 'stopListening') transport.stopListening();
      return null;
    },
    close: (onProgress) => transport.shutdown(onProgress),
  };
}

export function makeTcpPhoneEnd(place: ThreadPlace): PhoneEnd {
  const { plan, memory, index } = place;
  const { bell, parts } = takeTable(place, memory.buffers.shape.shards + index, memory.laneSockets(index));
  const { connecting, connectTimeout, portsPerSource } = plan.settings.sockets;
  const { laneRows, sourcesPerLane } = plannedSockets(plan);
  const sources = Array.from({ length: sourcesPerLane }, (_, source) =>
    sourceAddressOf(index, source * portsPerSource, portsPerSource),
  );
  const connect = { connectingMax: connecting, timeoutMicros: connectTimeout, sources, rowsPerSource: portsPerSource };
  const transport = new TcpPhoneTransport(tcpSettings(plan, laneRows), connect, parts);
  return {
    transport,
    loop: epollLoop(plan, bell, transport, DEFAULT_SLACK_MICROS),
    ledger: () => transport.ledger(),
    command: (command) => {
      if (command.kind === 'targets') transport.setTargets(command.targets);
      return null;
    },
    close: (onProgress) => transport.shutdown(onProgress),
  };
}

/** Gives this thread its own descriptor table, before it opens its first socket. */
function takeTable(
  { memory, clock, inheritedDescriptors }: ThreadPlace,
  thread: number,
  counters: Float64Array,
): { bell: EventDoorbell; parts: TcpParts } {
  const calls = loadSystemCalls();
  if (calls.unshare(Linux.CLONE_FILES) !== 0)
    throw systemRefusal('a thread its own table of descriptors (unshare)', calls.errno());
  closeInherited(calls, inheritedDescriptors);
  const { bell, descriptor } = memory.eventDoorbell(thread);
  return { bell, parts: { calls, clock, counters, bellDescriptor: descriptor } };
}

function tcpSettings(plan: RunPlan, rows: number): TcpSettings {
  const { sockets } = plan.settings;
  const size = (bytes: number | 'kernel'): number | null => (bytes === 'kernel' ? null : bytes);
  return {
    rows,
    ringPlaces: plannedSockets(plan).ringPlaces,
    noDelay: sockets.noDelay,
    sendBufferBytes: size(sockets.sendBuffer),
    receiveBufferBytes: size(sockets.receiveBuffer),
    outputLimitBytes: sockets.outputLimit,
    outputTimeoutMicros: sockets.outputTimeout,
    outputPoolBytes: sockets.outputPool,
    eventBatch: sockets.eventBatch,
    receiveBytes: sockets.receive,
  };
}

/**
 * A loop that sleeps in the epoll of a transport.
 * @param extraNapMicros time by which its naps last longer than requested (see {@link DEFAULT_SLACK_MICROS}).
 */
export function epollLoop(
  plan: RunPlan,
  bell: EventDoorbell,
  transport: Pick<TcpConnections, 'wait'>,
  extraNapMicros: number,
): ThreadLoop {
  const { spins, nap, park } = plan.settings.sockets;
  const wait = (micros: number): void => transport.wait(micros);
  const napMicros = nap + extraNapMicros;
  const sleeper = {
    sleep: (hasWork: () => boolean, micros: number) => bell.sleep(hasWork, wait, micros),
    nap: napper(napMicros),
  };
  return (reactor, pollCommands, stopped) =>
    runReactor(reactor, sleeper, { spins, napMicros, parkMicros: park }, pollCommands, stopped);
}
