/**
 * The process of one side of a run over sockets: the switch's shards or the driver's lanes. It executes the
 * controller's requests, and ends when the controller ends for whatever reason.
 */
import { assert } from '../../base/assert.ts';
import { TrunklineError } from '../../base/errors.ts';
import { processCpuMicros } from '../../measure/process-cpu-micros.ts';
import { eachLatency } from '../../verdict/record/latencies.ts';
import type { Freshness } from './run-sides.ts';
import { RunThreads } from './run-threads.ts';
import type {
  SideAnswers,
  SideEnvelope,
  SideMessage,
  SideMore,
  SideRequestName,
  SideRequests,
  SideSample,
} from './side-messages.ts';
import { startListening } from './start-listening.ts';

/** Interval at which counters are sent without being asked, short enough for the phases that watch them. */
const SAMPLE_MILLIS = 20;

type Handlers = {
  readonly [Name in SideRequestName]: (request: SideRequests[Name]) => Promise<SideAnswers[Name]>;
};

let threads: RunThreads | undefined;
let sampling: NodeJS.Timeout | undefined;

function started(): RunThreads {
  assert(threads !== undefined, 'the first request is to start');
  return threads;
}

const handlers: Handlers = {
  start: async ({ side, plan, isCalibration, epochNanos }) => {
    threads = new RunThreads(plan, { side, isCalibration, epochNanos });
    void threads.failure.then((error) => {
      const code = error instanceof TrunklineError ? error.code : 'WORKER_FAILED';
      say({ kind: 'failed', code, message: `${error.message} (${side})` });
    });
    await threads.start();
    watch(true);
    return threads.threads;
  },
  listen: (again) => startListening(started(), again),
  listenHttp: () => started().listenHttp(),
  targets: async (targets) => {
    await started().lanes({ kind: 'targets', targets });
    return null;
  },
  lanes: async (command) => {
    await started().lanes(command);
    return null;
  },
  inspect: (collect) => started().inspect(collect),
  queued: () => started().queued(),
  storeFigures: () => started().storeFigures(),
  storms: () => started().storms(),
  network: () => started().network(),
  memory: () => started().readSides(),
  sample: async (freshness) => {
    await started().refresh(freshness);
    return sampleOf(started(), freshness);
  },
  watch: async (isWatched) => watch(isWatched),
  startProfiles: async ({ names, part, sampling }) => {
    await started().startProfiles(names, part, sampling);
    return null;
  },
  stopProfiles: async ({ names, folder }) => {
    await started().stopProfiles(names, folder);
    return null;
  },
  stop: () => started().stop(),
};

/** Starts or stops sending counters every few milliseconds. */
function watch(isWatched: boolean): null {
  clearInterval(sampling);
  const send = (): void => say({ kind: 'sample', sample: sampleOf(started(), 'counters') });
  sampling = isWatched ? setInterval(send, SAMPLE_MILLIS) : undefined;
  return null;
}

function sampleOf(of: RunThreads, freshness: Freshness): SideSample {
  const isDriver = of.side === 'driver';
  return {
    counters: isDriver ? of.driverRow() : of.switchRow(),
    sockets: isDriver ? of.driverSocketRow() : of.switchSocketRow(),
    gateway: of.gatewayRow(),
    inboxRefusals: of.inboxRefusals(),
    rssBytes: of.roughRssBytes(),
    processCpuMicros: processCpuMicros(),
    interval: freshness === 'interval' ? of.intervalReading : null,
    more: freshness === 'all' ? { ...latencyCounts(of, isDriver), cpu: of.cpu() } : null,
  };
}

function latencyCounts(of: RunThreads, isDriver: boolean): Pick<SideMore, 'latencies' | 'platformLatencies'> {
  if (!isDriver) return { latencies: {}, platformLatencies: [] };
  const platformLatencies = of
    .platformLatencies()
    .map(({ delivery, storedDelivery }) => ({ delivery: delivery.counts, storedDelivery: storedDelivery.counts }));
  return { latencies: eachLatency((name) => of.latency(name).counts), platformLatencies };
}

/** Sends the controller a message, if it has not ended. */
function say(message: SideMessage): void {
  if (process.connected) process.send?.(message, ignoreDeparture);
}

/** An error of sending means that the controller has just ended, which is not a fault of this side. */
const ignoreDeparture = (): void => {};

async function answer<Name extends SideRequestName>(name: Name, request: SideRequests[Name]): Promise<unknown> {
  return handlers[name](request);
}

process.on('message', ({ number, name, request }: SideEnvelope) => {
  answer(name, request as never).then(
    (value) => say({ kind: 'answer', number, answer: value }),
    (error: unknown) => {
      if (!(error instanceof TrunklineError)) throw error;
      say({ kind: 'refusal', number, code: error.code, message: error.message });
    },
  );
});
// The controller has ended, normally or not, so this process ends too, with its sockets. It exits instead of closing
// what it holds: if the controller was killed, threads still run, one may hang or be about to start, and nobody is left
// who would kill a process that waits for them. After a normal end there is nothing to close.
process.on('disconnect', () => process.exit());
// A terminal interrupts the whole process group; the controller decides what happens.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
