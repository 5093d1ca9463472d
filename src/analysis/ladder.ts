/**
 * What the rungs of a ladder did: each against the one before and against the first, and each knob's gain
 * when it was added beside its loss when it is taken away from the last rung. Where the two differ by more
 * than the smallest difference, the knob works together with others and has no figure of its own.
 */
import type { Result } from '../result/result-schema.ts';
import { comparePairs } from './comparison.ts';
import type { Comparison, ComparisonRow } from './comparison-outcome.ts';
import { changeWords } from './comparison-sentences.ts';
import type { Ladder } from './ladder-file.ts';
import { gainSign, type Pair } from './pairs.ts';
import { bandOf } from './verdict.ts';

export const LADDER_SCHEMA = 'trunkline.ladder/1';

/** One run of a variant: its result, or why there is none. */
export interface LadderRun {
  readonly variant: string;
  readonly round: number;
  readonly result: Result | null;
  readonly failure: string | null;
}

export interface RungOutcome {
  readonly name: string;
  readonly settings: readonly string[];
  /** Runs that left no result or an invalid one, of all its runs. */
  readonly failed: number;
  readonly runs: number;
  /** Why the first of them failed; null if none did. */
  readonly failure: string | null;
  /** Null for the first rung, and where no pair of results was left. */
  readonly withBefore: Comparison | null;
  readonly withFirst: Comparison | null;
}

/** One knob and one metric. Shares are changes of the metric's own figure, whatever is better. */
export interface KnobEffect {
  readonly rung: string;
  readonly metric: string;
  readonly addedShare: number | null;
  readonly removedShare: number | null;
  /** ln of the ratio, more being better: what adding gained, and what removing lost. */
  readonly gain: number | null;
  readonly loss: number | null;
  readonly isInteraction: boolean;
  readonly sentence: string;
}

export interface LadderOutcome {
  readonly schema: typeof LADDER_SCHEMA;
  readonly name: string;
  readonly description: string;
  readonly scenario: string;
  readonly metrics: readonly string[];
  readonly pairs: { readonly planned: number; readonly run: number };
  readonly isComplete: boolean;
  readonly sentence: string;
  readonly rungs: readonly RungOutcome[];
  readonly knobs: readonly KnobEffect[];
}

/** @param runs as many as there are so far, in any order. */
export function concludeLadder(ladder: Ladder, runs: readonly LadderRun[], plannedRuns: number): LadderOutcome {
  const names = ladder.rungs.map((rung) => rung.name);
  const [first = '', last = ''] = [names[0], names.at(-1)];
  const compare = (base: string, candidate: string): Comparison | null =>
    compareVariants(ladder, runs, base, candidate);
  const rungs = ladder.rungs.map((rung, i): RungOutcome => {
    const own = runs.filter((run) => run.variant === rung.name);
    const failed = own.filter((run) => !run.result?.validity.isValid);
    return {
      name: rung.name,
      settings: rung.settings,
      failed: failed.length,
      runs: own.length,
      failure: failed[0] === undefined ? null : failureOf(failed[0]),
      withBefore: i === 0 ? null : compare(names[i - 1] ?? first, rung.name),
      withFirst: i === 0 ? null : compare(first, rung.name),
    };
  });
  const knobs = rungs.slice(1).flatMap((rung) => {
    const without = rung.name === last ? (names.at(-2) ?? first) : `without-${rung.name}`;
    const removed = compare(last, without);
    return ladder.metrics.map((metric) => knobEffect(rung, metric, removed));
  });
  const isComplete = runs.length >= plannedRuns;
  return {
    schema: LADDER_SCHEMA,
    name: ladder.name,
    description: ladder.description,
    scenario: ladder.scenario,
    metrics: ladder.metrics,
    pairs: { planned: ladder.pairs, run: new Set(runs.map((run) => run.round)).size },
    isComplete,
    sentence: sentenceOf(rungs, first, last, isComplete),
    rungs,
    knobs,
  };
}

function failureOf({ result, failure }: LadderRun): string {
  const guard = result?.validity.guards.find((one) => one.verdict === 'invalid');
  return (
    failure ?? (guard === undefined ? (result?.validity.failure ?? 'not valid') : `${guard.name}: ${guard.sentence}`)
  );
}

/** Runs of the same round are a pair. */
function compareVariants(
  ladder: Ladder,
  runs: readonly LadderRun[],
  base: string,
  candidate: string,
): Comparison | null {
  const of = (variant: string, round: number): Result | null =>
    runs.find((run) => run.variant === variant && run.round === round)?.result ?? null;
  const pairs = Array.from(
    { length: ladder.pairs },
    (_, round) => [of(base, round), of(candidate, round)] as const,
  ).flatMap(([from, to]): Pair[] => (from === null || to === null ? [] : [{ base: from, candidate: to }]));
  if (pairs.length === 0) return null;
  return comparePairs(pairs, { baseName: base, candidateName: candidate, gating: ladder.metrics });
}

function knobEffect(rung: RungOutcome, metric: string, removed: Comparison | null): KnobEffect {
  const added = rowOf(rung.withBefore, metric);
  const taken = rowOf(removed, metric);
  const gain = gainOf(added);
  const back = gainOf(taken);
  const loss = back === null ? null : -back;
  const isInteraction =
    added !== null && gain !== null && loss !== null && Math.abs(gain - loss) > bandOf(added.smallestDifferenceShare);
  const effect = {
    rung: rung.name,
    metric,
    addedShare: added?.changeShare ?? null,
    removedShare: taken?.changeShare ?? null,
    gain,
    loss,
    isInteraction,
  };
  return { ...effect, sentence: effectSentence(effect) };
}

function rowOf(comparison: Comparison | null, metric: string): ComparisonRow | null {
  return comparison?.rows.find((row) => row.metric === metric) ?? null;
}

function gainOf(row: ComparisonRow | null): number | null {
  return row === null || row.changeShare === null ? null : gainSign(row) * Math.log1p(row.changeShare);
}

function effectSentence({
  rung,
  metric,
  addedShare,
  removedShare,
  isInteraction,
}: Omit<KnobEffect, 'sentence'>): string {
  const words = (share: number | null): string => (share === null ? 'not measured' : changeWords(share));
  const both = `${rung}, ${metric}: ${words(addedShare)} when added, ${words(removedShare)} when removed from the last rung`;
  return isInteraction ? `${both}: interaction, so it has no figure of its own` : both;
}

function sentenceOf(rungs: readonly RungOutcome[], first: string, last: string, isComplete: boolean): string {
  const top = rungs.at(-1)?.withFirst ?? null;
  const failed = rungs.filter((rung) => rung.runs > 0 && rung.failed === rung.runs).map((rung) => rung.name);
  const parts = [
    isComplete ? '' : 'NOT COMPLETE: some runs are still to come. ',
    `${last} against ${first}: ${top === null ? 'no pair of results' : top.sentence}`,
    failed.length === 0 ? '' : ` Failed rungs: ${failed.join(', ')}.`,
  ];
  return parts.join('');
}
