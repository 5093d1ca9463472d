/** The file that the thread of the HTTP load starts with. */
import { parentPort, workerData } from 'node:worker_threads';
import { MonotonicClock } from '../../measure/monotonic-clock.ts';
import { Histogram } from '../../stats/histogram.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import type { HttpLoadCommand, HttpLoadData } from './http-load-messages.ts';
import { PacedRequests } from './paced-requests.ts';

const POLL_MILLIS = 20;

const data = workerData as HttpLoadData; // only the controller starts this file
const requests = new PacedRequests(data, {
  plan: new NumberingPlan(data.numbering),
  clock: new MonotonicClock(data.epochNanos),
  counters: new Float64Array(data.counters),
  latency: new Histogram(new Uint32Array(data.latency)),
  sendDelay: new Histogram(new Uint32Array(data.sendDelay)),
});

parentPort?.on('message', (command: HttpLoadCommand) => {
  switch (command.kind) {
    case 'start':
      requests.start(command.startMicros);
      return;
    case 'pause':
      requests.pause();
      return;
    case 'resume':
      requests.resume(command.pausedMicros);
      return;
    case 'stop':
      stop();
  }
});

function stop(): void {
  requests.stop();
  const timer = setInterval(() => {
    if (requests.open > 0) return;
    clearInterval(timer);
    requests.end();
    parentPort?.postMessage('stopped');
  }, POLL_MILLIS);
}
