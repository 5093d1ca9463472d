/** The file that every worker thread of a run starts with. */

import { workerData } from 'node:worker_threads';
import { ledgerUsedBytes } from '../../base/ledger-entry.ts';
import { CollectionCounter, collectGarbage, heapUsedBytes } from '../../measure/collect-garbage.ts';
import { epochTag } from '../../measure/monotonic-clock.ts';
import { setTimerSlack } from '../../measure/set-timer-slack.ts';
import { currentThreadId } from '../../measure/thread-cpu.ts';
import { WorkerPort } from '../../threads/worker-port.ts';
import type { PooledWorkerData } from '../../threads/worker-threads-pool.ts';
import type { Inspection } from '../../verdict/record/run-record.ts';
import { loadEnds } from './ends/thread-ends.ts';
import { RunMemory } from './memory/run-memory.ts';
import type { ThreadGauges } from './memory/thread-gauges.ts';
import { ProfiledThread } from './thread/profiled-thread.ts';
import type { PhoneEnd, SwitchEnd } from './thread/thread-end.ts';
import type { WorkerCommand, WorkerData, WorkerReady } from './thread/worker-messages.ts';
import type { WorkerReactor } from './thread/worker-reactor.ts';

const { data, announced } = workerData as PooledWorkerData<WorkerData>; // only the pool starts this file

/**
 * Timer slack of lanes. A lane sends when a message is due, so a late wake-up is part of every latency: with the
 * kernel's default of 50 µs, the send delay at rest was 125 µs. Shards keep the default, because they are what is
 * measured.
 */
const LANE_SLACK_NANOS = 1000;

async function main(): Promise<void> {
  const { role, index, plan, isCalibration, epochNanos, buffers, inheritedDescriptors } = data;
  const memory = new RunMemory(buffers);
  if (role === 'gateway') {
    const { makeGateway } = await import('./make-gateway.ts'); // only this thread has HTTP on its heap
    const { reactor, end } = makeGateway(plan, memory, index, epochNanos);
    return run(reactor, end, memory.gauges(buffers.shape.shards + buffers.shape.lanes + index));
  }
  if (role === 'store') {
    const { makeStore } = await import('./store/make-store.ts'); // only this thread has files
    const { reactor, end } = makeStore(plan, memory, index, epochNanos);
    const { shards, lanes, gateways } = buffers.shape;
    return run(reactor, end, memory.gauges(shards + lanes + gateways + index));
  }
  const ends = await loadEnds(plan.settings.transport);
  const clock = ends.makeClock(epochNanos);
  const place = { plan, memory, clock, index, inheritedDescriptors, isCalibration };
  const gauges = memory.gauges(role === 'lane' ? buffers.shape.shards + index : index);
  if (role === 'lane') {
    setTimerSlack(LANE_SLACK_NANOS);
    const { makeLane } = await import('./make-lane.ts'); // each kind of thread loads only what it runs
    const end = ends.makePhoneEnd(place);
    return run(makeLane(place, end, { runTag: epochTag(epochNanos), isCalibration }), end, gauges);
  }
  const { makeNullShard, makeShard } = await import('./make-shard.ts');
  const end = ends.makeSwitchEnd(place);
  return run(
    role === 'shard' ? makeShard(plan, memory, index, clock, end) : makeNullShard(plan, memory, index, end),
    end,
    gauges,
  );
}

async function run(
  reactor: WorkerReactor,
  end: Pick<SwitchEnd | PhoneEnd, 'loop' | 'close'>,
  gauges: ThreadGauges,
): Promise<void> {
  const collections = new CollectionCounter();
  const port = new WorkerPort<WorkerCommand>(announced);
  const profiled = new ProfiledThread();
  let stopped = false;
  const inspect = (collect: boolean): Inspection => {
    const counted = collections.read();
    if (collect) collectGarbage();
    const inspection = {
      heapUsedBytes: heapUsedBytes(),
      ledger: reactor.ledger(),
      findings: reactor.findings(),
      ...counted,
    };
    if (collect) collections.leaveOut(); // the collection that was requested is not part of the switch's own work
    return inspection;
  };
  const answerGauges = (): void => {
    const { collections: count, pauseMicros } = collections.total();
    const ledger = reactor.ledger();
    gauges.answer({
      collections: count,
      pauseMicros,
      switchLedgerBytes: ledgerUsedBytes(ledger, 'switch'),
      driverLedgerBytes: ledgerUsedBytes(ledger, 'driver'),
    });
  };
  const handle = (command: WorkerCommand): unknown => {
    switch (command.kind) {
      case 'inspect':
        return inspect(command.collect);
      case 'startProfile':
        return profiled.start(command.part, command.sampling);
      case 'stopProfile':
        return profiled.stop(command.name, command.folder);
      default:
        if (command.kind === 'stop') stopped = true;
        return reactor.command(command);
    }
  };
  port.ready({ threadId: currentThreadId() } satisfies WorkerReady);
  await end.loop(
    reactor,
    () => {
      port.poll(handle);
      if (gauges.isRequested()) answerGauges();
    },
    () => stopped,
  );
  await end.close(() => port.progress());
}

await main();
