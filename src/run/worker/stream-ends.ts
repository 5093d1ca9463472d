/** The ends of a thread over Node's own sockets: node:net, or WebSockets of the ws package. */
import { count } from '../../base/counters.ts';
import { TrunklineError } from '../../base/errors.ts';
import { socketPlan } from '../../plan/plan-of-sockets.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { nodeTcpPhoneTransport, nodeTcpSwitchTransport } from '../../transport/node-tcp/node-tcp-transport.ts';
import { countRefusal, SocketCounter } from '../../transport/socket-counters.ts';
import type { EventPhoneTransport } from '../../transport/stream/event-phone-transport.ts';
import type { EventSwitchTransport, ListenCounters } from '../../transport/stream/event-switch-transport.ts';
import type { EventTransport } from '../../transport/stream/event-transport.ts';
import { wsPhoneTransport, wsSwitchTransport } from '../../transport/ws/ws-transport.ts';
import { sourceAddressOf } from '../../wire/source-address.ts';
import { CloseReason } from '../../wire/transport.ts';
import { runEventReactor } from './event-reactor-loop.ts';
import { EventSleeper } from './event-sleeper.ts';
import type { PhoneEnd, SwitchEnd, ThreadLoop, ThreadPlace } from './thread-end.ts';

export function makeStreamSwitchEnd(place: ThreadPlace): SwitchEnd {
  const { plan, memory, index } = place;
  const sleeper = new EventSleeper(memory.doorbell(index));
  const transport = switchTransport(place, sleeper.wake);
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

export function makeStreamPhoneEnd(place: ThreadPlace): PhoneEnd {
  const { plan, memory, index } = place;
  const sleeper = new EventSleeper(memory.doorbell(memory.buffers.shape.shards + index));
  const transport = phoneTransport(place, sleeper.wake);
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

/** Room to begin with for the output of one turn; see EventTransport. */
const OUTPUT_STAGE_BYTES = 2 ** 20;

function switchTransport({ plan, clock }: ThreadPlace, wake: () => void): EventSwitchTransport {
  const { sockets, transport } = plan.settings;
  const shared = { ...streamSettings(plan, socketPlan(plan).shardRows), backlog: sockets.backlog };
  const tls = plan.tls?.switch ?? null;
  const nowMicros = (): number => clock.nowMicros();
  return transport === 'ws'
    ? wsSwitchTransport({ ...shared, ...wsSettings(plan), tls }, nowMicros, wake)
    : nodeTcpSwitchTransport({ ...shared, noDelay: sockets.noDelay, tls }, nowMicros, wake);
}

function phoneTransport({ plan, clock, index }: ThreadPlace, wake: () => void): EventPhoneTransport {
  const { sockets, transport } = plan.settings;
  const { laneRows, sourcesPerLane } = socketPlan(plan);
  const shared = {
    ...streamSettings(plan, laneRows),
    connectingMax: sockets.connecting,
    connectTimeoutMicros: sockets.connectTimeout,
  };
  const tls = plan.tls?.phones ?? null;
  const nowMicros = (): number => clock.nowMicros();
  const { portsPerSource } = sockets;
  const sourceOf = (row: number): string | null =>
    sourcesPerLane === 0 ? null : sourceAddressOf(index, row, portsPerSource);
  return transport === 'ws'
    ? wsPhoneTransport({ ...shared, ...wsSettings(plan), tls }, sourceOf, nowMicros, wake)
    : nodeTcpPhoneTransport({ ...shared, noDelay: sockets.noDelay, tls }, sourceOf, nowMicros, wake);
}

function streamSettings(plan: RunPlan, connectionsMax: number) {
  const { outputLimit, outputTimeout } = plan.settings.sockets;
  return {
    connectionsMax,
    outputPoolBytes: OUTPUT_STAGE_BYTES,
    outputLimitBytes: outputLimit,
    outputTimeoutMicros: outputTimeout,
  };
}

function wsSettings(plan: RunPlan) {
  const { perMessageDeflate, maxPayload } = plan.settings.ws;
  return { perMessageDeflate, maxPayloadBytes: maxPayload };
}

/** @throws LISTEN_FAILED */
async function listen(transport: EventSwitchTransport, host: string, port: number): Promise<number> {
  try {
    return (await transport.listen({ host, port })).port;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
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

/** The listener counts on this thread's heap; the row is where others read. */
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
