/**
 * Runs a search for capacity: over messages and rates in a single run whose phones stay connected, and that drains at
 * the end; over connections with a fresh run per trial; and then the confirming runs.
 */

import { join } from 'node:path';
import type {
  CapacityOutcome,
  CapacityTrial,
  ConfirmingRun,
  MessageCheck,
} from '../../../analysis/capacity/capacity-schema.ts';
import { type CapacityOrder, concludeCapacity, loadWords } from '../../../analysis/capacity/conclude-capacity.ts';
import {
  brokenByMessages,
  judgeMessages,
  uncheckedMessages,
  unjudgedLimits,
} from '../../../analysis/capacity/judge-messages.ts';
import { judgeTrial } from '../../../analysis/capacity/judge-trial.ts';
import { mlrSearchStep, searchBounds } from '../../../analysis/capacity/mlr-search-step.ts';
import { trialsLeft } from '../../../analysis/capacity/trials-left.ts';
import { messageBalance } from '../../../result/message-balance.ts';
import type { Result } from '../../../result/result-schema.ts';
import { RunEnded } from '../../../run/phases/control/run-control.ts';
import type { TrialRun } from '../../../run/phases/trial-run.ts';
import { freshRun } from '../../../run/series/fresh-run.ts';
import type { Threshold } from '../../../scenario/threshold.ts';
import { OWN_ENTRY } from '../../terminal/own-entry.ts';
import type { SeriesView } from '../../terminal/series-view.ts';

export interface SearchSettings {
  /** Name or path of the scenario, for fresh runs. */
  readonly scenario: string;
  /** Settings from the command line, including the limits. */
  readonly settings: readonly string[];
  readonly offlineShare: number;
  /** Mean session as written; Infinity for none. */
  readonly sessionMicros: number;
  /** Phones that go to the background per second, as written. */
  readonly backgroundsPerSecond: number;
  readonly limits: readonly Threshold[];
  /** Duration of the confirming run; 0 for none. */
  readonly confirmMicros: number;
  /** What the confirming run takes from its start to its end, about; 0 for none. */
  readonly confirmSeconds: number;
  /** Folder for the results of fresh runs. */
  readonly folder: string;
  readonly interrupted: AbortSignal;
  readonly view: SeriesView;
}

/** Maximum of loads that are tried for confirmation, each lower than the one before by the goal's width. */
const CONFIRMATIONS_MAX = 3;

/** Searches until the end or an interruption. @returns what is known by then. */
export async function searchCapacity(
  order: CapacityOrder,
  settings: SearchSettings,
  run: TrialRun | null,
): Promise<CapacityOutcome> {
  const trials: CapacityTrial[] = [];
  const confirmations: ConfirmingRun[] = [];
  let messages: MessageCheck | null = null;
  try {
    await search(order, settings, run, trials);
    if (run !== null && trials.length > 0) messages = await checkMessages(run, trials, order, settings);
  } finally {
    await run?.stop(); // the machine must be idle for the confirming run
  }
  const mayConfirm = settings.confirmMicros > 0 && brokenByMessages(messages).length === 0;
  if (mayConfirm && !settings.interrupted.aborted) await confirm(order, settings, trials, confirmations);
  return concludeCapacity(order, trials, confirmations, messages);
}

/** Adds trials until the bounds are known, or an interruption. */
async function search(
  order: CapacityOrder,
  settings: SearchSettings,
  run: TrialRun | null,
  trials: CapacityTrial[],
): Promise<void> {
  try {
    for (;;) {
      const step = mlrSearchStep(trials, order.range, order.goal);
      if (step.kind === 'done' || settings.interrupted.aborted) break;
      const now = `trial ${trials.length + 1}: ${loadWords(step.load, order)}`;
      const runs = { ended: trials.length, all: trials.length + trialsLeft(trials, order.range, order.goal) };
      settings.view.starts({
        now,
        runs: { ...runs, isEstimate: true },
        otherSeconds: settings.confirmSeconds,
        estimate: boundsSoFar(trials, order),
      });
      const trial = await measure(step.load, order, settings, run);
      trials.push(trial);
      settings.view.note(`trial ${trials.length}: ${trialWords(trial, order)}`);
    }
  } catch (error) {
    if (!(error instanceof RunEnded) || error.why !== 'interrupted') throw error;
  }
}

/** Drains after the last trial. A run that fails meanwhile leaves what the trials have found. */
async function checkMessages(
  run: TrialRun,
  trials: readonly CapacityTrial[],
  order: CapacityOrder,
  { limits, view, confirmSeconds }: SearchSettings,
): Promise<MessageCheck> {
  const begins = (limit: string): void =>
    view.starts({
      now: `drain     ${limit}`,
      runs: null,
      otherSeconds: confirmSeconds,
      estimate: boundsSoFar(trials, order),
    });
  try {
    const { result, limit } = await run.drain(begins);
    const messages = judgeMessages(result, limits, `the drain ended before all messages were answered (${limit})`);
    const broken = brokenByMessages(messages);
    const unjudged = unjudgedLimits({ ...order, messages, confirmations: [] });
    const said =
      broken.length > 0 ? broken.join('; ') : [messageBalance(result.integrity), ...unjudged].join('; not judged: ');
    view.note(`messages of all trials: ${said}`);
    return messages;
  } catch (error) {
    if (!(error instanceof RunEnded)) throw error;
    view.note(`messages of all trials: not checked, since the run failed: ${error.message}`);
    return uncheckedMessages(limits, `the run failed in its drain: ${error.message}`);
  }
}

async function measure(
  load: number,
  order: CapacityOrder,
  settings: SearchSettings,
  run: TrialRun | null,
): Promise<CapacityTrial> {
  const micros = order.goal.trialSeconds * 1e6;
  const metrics = order.published.flatMap(({ metric }) => metric ?? []);
  if (run === null)
    return judgeTrial(await fresh(load, micros, order, settings), order.over, load, settings.limits, { metrics });
  const { result, ...terms } = await run.trial(load, micros);
  return judgeTrial(result, order.over, load, settings.limits, { ...terms, metrics });
}

/** A confirming run at the lower bound, and at lower loads as long as limits break. */
async function confirm(
  order: CapacityOrder,
  settings: SearchSettings,
  trials: readonly CapacityTrial[],
  confirmations: ConfirmingRun[],
): Promise<void> {
  const { lowerLoad } = searchBounds(trials, order.goal);
  let load = lowerLoad;
  while (load !== null && load >= 1 && confirmations.length < CONFIRMATIONS_MAX && !settings.interrupted.aborted) {
    const now = `confirming run: ${loadWords(load, order)}`;
    const estimate = boundsSoFar(trials, order);
    settings.view.starts({ now, runs: null, otherSeconds: settings.confirmSeconds, estimate });
    const result = await fresh(load, settings.confirmMicros, order, settings);
    const metrics = order.published.flatMap(({ metric }) => metric ?? []);
    const trial = judgeTrial(result, order.over, load, settings.limits, { metrics });
    confirmations.push({ resultId: result.id, seconds: result.throughput.measuredSeconds ?? 0, trial });
    settings.view.note(`confirming run: ${trialWords(trial, order)}`);
    if (trial.isGood && trial.isValid) return;
    if (trial.isValid) load = Math.floor(load / (1 + order.goal.widthShare));
  }
}

async function fresh(
  load: number,
  measureMicros: number,
  order: CapacityOrder,
  ofSearch: SearchSettings,
): Promise<Result> {
  const measured = `phases.measure=${Math.round(measureMicros / 1000)}ms`;
  const { scenario, settings, folder, interrupted } = ofSearch;
  const sets = [...settings, ...loadSettings(load, order, ofSearch), measured];
  return freshRun({ entry: OWN_ENTRY, scenario, settings: sets, out: join(folder, 'runs') }, interrupted);
}

/** The settings by which a fresh run has this load. */
function loadSettings(
  load: number,
  { over, ownLoad }: CapacityOrder,
  { sessionMicros, offlineShare, backgroundsPerSecond }: SearchSettings,
): string[] {
  if (over === 'connections') return [`phones.count=${Math.ceil(load / (1 - offlineShare))}`];
  const rate = `traffic.rate=${load}`;
  if (over === 'messages') return [rate];
  const sets = [rate];
  if (Number.isFinite(sessionMicros))
    sets.push(`phones.session=${Math.round((sessionMicros * ownLoad) / load / 1000)}ms`);
  if (backgroundsPerSecond > 0)
    sets.push(`presence.background=${((backgroundsPerSecond * load) / ownLoad).toFixed(3)}/s`);
  return sets;
}

/** The bounds that the trials so far establish; nothing before the first. */
function boundsSoFar(trials: readonly CapacityTrial[], order: CapacityOrder): string[] {
  const { lowerLoad, upperLoad } = searchBounds(trials, order.goal);
  const words = (load: number | null): string => (load === null ? 'not known' : loadWords(load, order));
  if (lowerLoad === null && upperLoad === null) return [];
  return [`the limits hold at ${words(lowerLoad)}; they break at ${words(upperLoad)}`];
}

function trialWords(trial: CapacityTrial, order: CapacityOrder): string {
  const said = !trial.isValid ? `not valid: ${trial.invalidReason ?? ''}` : (trial.broken[0]?.sentence ?? 'good');
  return `${loadWords(trial.load, order)}: ${said}`;
}
