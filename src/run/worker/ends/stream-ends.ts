/** The ends of a thread over Node's own sockets, the same for every transport that uses them. */
import { causeOf } from '../../../base/cause-of.ts';
import { count } from '../../../base/counters.ts';
import { TrunklineError } from '../../../base/errors.ts';
import { plannedSockets } from '../../../plan/planned-sockets.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import { TURN_OUTPUT_BYTES } from '../../../scenario/terms/transports.ts';
import { countRefusal, SocketCounter } from '../../../transport/socket-counters.ts';
import type { EventPhoneTransport, PhoneTransportSettings } from '../../../transport/stream/event-phone-transport.ts';
import type {
  EventSwitchSettings,
  EventSwitchTransport,
  ListenCounters,
} from '../../../transport/stream/event-switch-transport.ts';
import type { EventTransport, EventTransportSettings } from '../../../transport/stream/event-transport.ts';
import { sourceAddressOf } from '../../../wire/source-address.ts';
import { CloseReason } from '../../../wire/transport.ts';
import { EventSleeper } from '../reactors/event-sleeper.ts';
import { runEventReactor } from '../reactors/run-event-reactor.ts';
import type { PhoneEnd, SwitchEnd, ThreadLoop, ThreadPlace } from '../thread/thread-end.ts';

/** Makes the transports of either side; only this differs between the transports over Node's sockets. */
export interface StreamTransports {
  /** @param wake called, from the event loop, when there is something to poll. */
  forSwitch(
    plan: RunPlan,
    settings: EventSwitchSettings,
    nowMicros: () => number,
    wake: () => void,
  ): EventSwitchTransport;
  /** @param sourceOf the address that the phone of a row connects from; null for any. */
  forPhones(
    plan: RunPlan,
    settings: PhoneTransportSettings,
    sourceOf: (row: number) => string | null,
    nowMicros: () => number,
    wake: () => void,
  ): EventPhoneTransport;
}

export function streamSwitchEnd(place: ThreadPlace, transports: StreamTransports): SwitchEnd {
  const { plan, memory, clock, index } = place;
  const sleeper = new EventSleeper(memory.doorbell(index));
  const { backlog, connectTimeout } = plan.settings.sockets;
  const settings = {
    ...streamSettings(plan, plannedSockets(plan).shardRows),
    backlog,
    handshakeTimeoutMicros: connectTimeout, // a phone gives up after this time, which began earlier for it
  };
  const transport = transports.forSwitch(plan, settings, () => clock.nowMicros(), sleeper.wake);
  const counters = memory.shardSockets(index);
  countEnds(transport, counters);
  return {
    transport,
    loop: streamLoop(plan, sleeper, () => copyCounters(transport.counters, counters)),
    ledger: () => transport.ledger(),
    command: (command) => {
      if (command.kind === 'listen') return listen(transport, command.host, command.port);
      return command.kind === 'stopListening' ? transport.stopListening() : null;
    },
    close: () => transport.shutdown(),
  };
}

export function streamPhoneEnd(place: ThreadPlace, transports: StreamTransports): PhoneEnd {
  const { plan, memory, clock, index } = place;
  const sleeper = new EventSleeper(memory.doorbell(memory.buffers.shape.shards + index));
  const { connecting, connectTimeout, portsPerSource } = plan.settings.sockets;
  const { laneRows, sourcesPerLane } = plannedSockets(plan);
  const settings = {
    ...streamSettings(plan, laneRows),
    connectingMax: connecting,
    connectTimeoutMicros: connectTimeout,
  };
  const sourceOf = (row: number): string | null =>
    sourcesPerLane === 0 ? null : sourceAddressOf(index, row, portsPerSource);
  const transport = transports.forPhones(plan, settings, sourceOf, () => clock.nowMicros(), sleeper.wake);
  countEnds(transport, memory.laneSockets(index));
  return {
    transport,
    loop: streamLoop(plan, sleeper, () => {}),
    ledger: () => transport.ledger(),
    command: (command) => {
      if (command.kind === 'targets') transport.setTargets(command.targets);
      return null;
    },
    close: () => transport.shutdown(),
  };
}

function streamSettings(plan: RunPlan, connectionsMax: number): EventTransportSettings {
  const { outputLimit, outputTimeout } = plan.settings.sockets;
  return {
    connectionsMax,
    outputPoolBytes: TURN_OUTPUT_BYTES,
    outputLimitBytes: outputLimit,
    outputTimeoutMicros: outputTimeout,
  };
}

/** @throws LISTEN_FAILED */
async function listen(transport: EventSwitchTransport, host: string, port: number): Promise<number> {
  try {
    return (await transport.listen({ host, port })).port;
  } catch (error) {
    const cause = causeOf(error);
    const hint = cause.includes('EADDRINUSE')
      ? ' Something listens there already: choose another sockets.port, or 0 for a free one.'
      : '';
    throw new TrunklineError('LISTEN_FAILED', `Cannot listen on ${host} port ${port}: ${cause}.${hint}`);
  }
}

function countEnds(transport: EventTransport, counters: Float64Array): void {
  transport.onEnd = (reason, hasOpened) => {
    if (!hasOpened) countRefusal(counters, reason);
    else if (reason === CloseReason.SLOW_READER) count(counters, SocketCounter.slowReadersClosed);
    else if (reason === CloseReason.BROKEN) count(counters, SocketCounter.connectionsBroken);
  };
}

/** The listener counts on this thread's heap; other threads read the row in shared memory. */
function copyCounters(from: ListenCounters, to: Float64Array): void {
  to[SocketCounter.connectionsAccepted] = from.accepted;
  to[SocketCounter.acceptsRefusedTableFull] = from.tableFull;
  to[SocketCounter.acceptsFailedDescriptors] = from.acceptFailuresDescriptors;
  to[SocketCounter.acceptsFailedMemory] = from.acceptFailuresMemory;
  to[SocketCounter.acceptsFailedOther] = from.acceptFailuresOther;
  to[SocketCounter.handshakesFailed] = from.handshakeFailures;
}

function streamLoop(plan: RunPlan, sleeper: EventSleeper, eachTurn: () => void): ThreadLoop {
  const { spins, park } = plan.settings.sockets;
  return (reactor, pollCommands, stopped) =>
    runEventReactor(
      reactor,
      sleeper,
      { spins, napMicros: 0, parkMicros: park },
      () => {
        eachTurn();
        pollCommands();
      },
      stopped,
    );
}
