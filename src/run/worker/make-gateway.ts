/**
 * Creates the gateway with its HTTP server from the plan and the memory of a run. The thread waits in Node's event
 * loop.
 */

import { assert } from '../../base/assert.ts';
import { serialDistance } from '../../base/serial-distance.ts';
import { bearerToken } from '../../http/server/bearer-token.ts';
import { GatewayMetrics } from '../../http/server/gateway-metrics.ts';
import { GatewayOperations } from '../../http/server/gateway-operations.ts';
import { GatewayServer } from '../../http/server/gateway-server.ts';
import { OpenAnswers } from '../../http/server/open-answers.ts';
import { packageVersion } from '../../measure/fingerprint.ts';
import { epochTag, MonotonicClock } from '../../measure/monotonic-clock.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { homesWith } from '../../plan/sizes/planned-groups.ts';
import { Gateway } from '../../switch/gateway.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import type { RunMemory } from './memory/run-memory.ts';
import { EventSleeper } from './reactors/event-sleeper.ts';
import { runEventReactor } from './reactors/run-event-reactor.ts';
import type { SwitchEnd } from './thread/thread-end.ts';
import type { WorkerCommand } from './thread/worker-messages.ts';
import type { WorkerReactor } from './thread/worker-reactor.ts';

/** Requests wake the thread, so it sleeps whenever there is nothing to do; it looks for late requests this often. */
const IDLE = { spins: 0, napMicros: 0, parkMicros: 100_000 };

export interface GatewayThread {
  readonly reactor: WorkerReactor;
  readonly end: Pick<SwitchEnd, 'loop' | 'close'>;
}

export function makeGateway(plan: RunPlan, memory: RunMemory, index: number, epochNanos: string): GatewayThread {
  const { settings, http: planned, shape } = plan;
  const { http } = settings;
  assert(planned !== null, 'a plan with a gateway has an HTTP side');
  const clock = new MonotonicClock(epochNanos);
  const counters = memory.gatewayCounters(index);
  const homes = homesWith(plan.groups, shape.shards);
  const tickMicros = plan.shardLoop.timerResolutionMicros;
  const bells = Array.from({ length: shape.shards }, (_, shard) => memory.shardBell(shard));
  const sleeper = new EventSleeper(memory.gatewayBell(index));
  const { usedIds } = memory;
  const answers = new OpenAnswers(http.limits.answerTimeout);
  const gateway = new Gateway(
    {
      ...planned,
      peer: shape.shards + index,
      peers: shape.shards + shape.gateways,
      homes,
      questionsMax: settings.switch.questions,
      tickMicros,
      runTag: epochTag(epochNanos),
    },
    {
      memory: memory.inboxMemory(),
      inboxes: memory.inboxProducers(),
      inbox: memory.inbox(shape.shards + index),
      counters,
      wakeShard: (shard) => bells[shard]?.ring(),
      idBefore: (account) => newerId(plan.idsBefore, usedIds?.newest(account) ?? 0),
    },
    answers,
  );
  const numbering = new NumberingPlan(plan.numbering);
  const token = http.authentication === 'none' ? null : bearerToken(settings.login.secret);
  const shards = Array.from({ length: shape.shards }, (_, shard) => memory.shardCounters(shard));
  const server = new GatewayServer(http.limits, token, {
    operations: new GatewayOperations({ ...planned, gateway, answers, plan: numbering, homes, tickMicros, clock }),
    metrics: new GatewayMetrics({ shards, gateway: counters }),
    counters,
    clock,
    wake: sleeper.wake,
    version: packageVersion(),
  });
  return {
    reactor: {
      doWork: () => {
        const now = clock.nowMicros();
        answers.expire(now);
        return gateway.doWorkAt(Math.floor(now / tickMicros));
      },
      hasInput: () => gateway.hasInput(),
      untilDueMicros: (mostMicros) => mostMicros,
      ledger: () => gateway.ledger(),
      findings: () => [],
      command: (command) => obey(server, command),
    },
    end: {
      loop: (reactor, pollCommands, stopped) => runEventReactor(reactor, sleeper, IDLE, pollCommands, stopped),
      close: () => server.close(),
    },
  };
}

/** The newer one of the ids that a business may have used; 0 is none. */
function newerId(byDate: number, stored: number): number {
  return stored !== 0 && serialDistance(stored, byDate) > 0 ? stored : byDate;
}

function obey(server: GatewayServer, command: WorkerCommand): unknown {
  if (command.kind === 'listenHttp') return server.listen(command.host, command.port);
  if (command.kind === 'beginStopping') server.beginStopping();
  return null;
}
