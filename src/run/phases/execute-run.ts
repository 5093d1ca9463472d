/**
 * Executes a run from its first phase to its result. If it ends early (Ctrl-C, a failed worker, a load that does not
 * become steady), the result contains what was measured so far, and why the run ended.
 */
import { causeOf } from '../../base/cause-of.ts';
import { currentLoad } from '../../measure/fingerprint.ts';
import type { Result } from '../../result/result-schema.ts';
import { buildResult } from '../../verdict/build-result.ts';
import type { RunRecord } from '../../verdict/record/run-record.ts';
import type { OpenStore } from '../worker/store/open-store.ts';
import { calibrate } from './calibration/calibrate.ts';
import { PauseRequests } from './control/pause-requests.ts';
import { noteEnd, RunEnded } from './control/run-control.ts';
import { emptyRecord, environmentNow, type RunOrder } from './order/run-order.ts';
import { storedOrder } from './order/stored-order.ts';
import type { RunListener } from './run-listener.ts';
import type { RunProfiles } from './run-profiles.ts';
import { type Phase, ThreadedRun, type UserRequests } from './threaded-run.ts';

/**
 * Executes a run.
 *
 * @param interrupted aborts to bring the run to an early end, with a partial result.
 * @param pauses requests to pause the load; a run with a pause is not valid.
 * @param profiles profiles its threads; null for a run that is not profiled.
 * @throws TrunklineError if the run could not start at all, or its store could not be opened.
 */
export async function executeRun(
  order: RunOrder,
  listener: RunListener,
  interrupted: AbortSignal,
  pauses = new PauseRequests(),
  profiles: RunProfiles | null = null,
): Promise<Result> {
  const stored = storedOrder(order);
  try {
    return await executeStored(stored.order, listener, { interrupted, pauses, profiles }, stored.store);
  } finally {
    stored.store?.close();
  }
}

async function executeStored(
  order: RunOrder,
  listener: RunListener,
  requests: UserRequests,
  store: OpenStore | null,
): Promise<Result> {
  const { interrupted } = requests;
  const record = emptyRecord(order, environmentNow());
  record.store = store === null ? null : { ...store.measure(), before: null, after: null };
  const startMillis = performance.now();
  const phase: Phase = async (name, detail, work) => {
    const at = performance.now();
    const entry = { name, startSeconds: (at - startMillis) / 1000, durationSeconds: 0, outcome: 'complete' };
    record.phases.push(entry);
    listener.phase(name, detail);
    try {
      return await work();
    } catch (error) {
      entry.outcome = error instanceof RunEnded ? error.why : 'failed';
      throw error;
    } finally {
      entry.durationSeconds = (performance.now() - at) / 1000;
    }
  };
  try {
    if (order.plan.settings.phases.calibrate && order.targets === null) {
      const detail = 'the driver alone, against a switch that only answers';
      record.calibration = await phase('calibrate', detail, () => calibrate(order.plan, interrupted));
      listener.calibrated(record.calibration.messagesPerSecond);
    }
    await new ThreadedRun(order, record, listener, requests, phase).execute();
  } catch (error) {
    noteEnd(record, error);
  }
  if (store !== null) noteSent(store, record);
  return buildResult(record, currentLoad());
}

/** A run whose store cannot be told has a result all the same, which says that the next run may use the same ids. */
function noteSent(store: OpenStore, record: RunRecord): void {
  try {
    store.noteSent(record.counters.driver['mostSentByPhone'] ?? 0);
  } catch (error) {
    record.ended = 'failed';
    record.failure ??= causeOf(error);
  }
}
