/**
 * Compares the rungs of a ladder: each with the previous and the first rung, and the gain of each rung's change when it
 * is added with its loss when it is removed from the last rung. If the two differ by more than the smallest difference,
 * the change interacts with others and has no figure of its own. Each round has all four runs, so the difference is
 * computed per round and has an interval.
 */
import { publishedFiguresOf } from '../../result/published-figures.ts';
import type { Result } from '../../result/result-schema.ts';
import { bonferroniConfidence } from '../../stats/bonferroni-confidence.ts';
import { signedRankInterval } from '../../stats/signed-rank-test.ts';
import { comparePairs } from '../comparison/compare-pairs.ts';
import { DEFAULT_CONFIDENCE } from '../comparison/comparison-order.ts';
import type { Comparison, ComparisonRow } from '../comparison/comparison-schema.ts';
import { changeWords } from '../comparison/comparison-sentences.ts';
import { judgeGain } from '../comparison/difference-verdict.ts';
import { type Metric, metricNamed } from '../comparison/result-metrics.ts';
import { gainSign, guardReason, isUsable, type Pair, readable } from '../comparison/usable-pairs.ts';
import {
  type KnobDifference,
  type KnobEffect,
  LADDER_SCHEMA,
  type LadderOutcome,
  type RungOutcome,
} from './ladder-schema.ts';
import type { Ladder } from './parse-ladder-file.ts';

/** One run of a variant: its result, or why there is none. */
export interface LadderRun {
  readonly variant: string;
  readonly round: number;
  readonly result: Result | null;
  readonly failure: string | null;
}

/** @param runs the runs so far, in any order. @param command that repeats the ladder; null if not known. */
export function concludeLadder(
  ladder: Ladder,
  runs: readonly LadderRun[],
  plannedRuns: number,
  command: string | null = null,
): LadderOutcome {
  const table = new RunTable(ladder, runs);
  const names = ladder.rungs.map((rung) => rung.name);
  const [first = '', last = ''] = [names[0], names.at(-1)];
  const rungs = ladder.rungs.map((rung, i): RungOutcome => {
    const own = runs.filter((run) => run.variant === rung.name);
    const failed = own.filter((run) => !run.result?.validity.isValid);
    return {
      name: rung.name,
      settings: rung.settings,
      failed: failed.length,
      runs: own.length,
      failure: failed[0] === undefined ? null : failureOf(failed[0]),
      withBefore: i === 0 ? null : table.compare(names[i - 1] ?? first, rung.name),
      withFirst: i === 0 ? null : table.compare(first, rung.name),
    };
  });
  const knobs = rungs.slice(1).flatMap((rung, i) => {
    const before = names[i] ?? first;
    const without = rung.name === last ? before : `without-${rung.name}`;
    return knobEffects(table, rung, { before, last, without });
  });
  const results = runs.flatMap(({ result }) => result ?? []);
  const isComplete = runs.length >= plannedRuns;
  return {
    schema: LADDER_SCHEMA,
    name: ladder.name,
    description: ladder.description,
    scenario: ladder.scenario,
    settings: ladder.settings,
    machineClasses: unique(results.map(({ environment }) => environment.machineClass)),
    commits: unique(results.map(({ environment }) => environment.commit)),
    nodes: unique(results.map(({ environment }) => environment.node)),
    startedAt: results.map(({ startedAt }) => startedAt).sort()[0] ?? null,
    metrics: ladder.metrics,
    pairs: { planned: ladder.pairs, run: new Set(runs.map((run) => run.round)).size },
    runs: {
      planned: plannedRuns,
      run: runs.length,
      valid: results.filter(({ validity }) => validity.isValid).length,
    },
    isComplete,
    sentence: sentenceOf(rungs, first, last, isComplete),
    rungs,
    knobs,
    published: publishedFiguresOf(results),
    command,
  };
}

function unique(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}

function failureOf({ result, failure }: LadderRun): string {
  return failure ?? (result === null ? 'it left no result' : guardReason(result));
}

/** From one variant to another. */
type Transition = readonly [from: string, to: string];

/** Results by variant and round. Results of the same round form a pair. */
class RunTable {
  readonly #ladder: Ladder;
  readonly #results: ReadonlyMap<string, Result | null>;

  constructor(ladder: Ladder, runs: readonly LadderRun[]) {
    this.#ladder = ladder;
    this.#results = new Map(runs.map(({ variant, round, result }) => [`${variant} ${round}`, result]));
  }

  get metrics(): readonly string[] {
    return this.#ladder.metrics;
  }

  /** Null if there is no pair of results. */
  compare(base: string, candidate: string): Comparison | null {
    const pairs = this.#rounds().flatMap((round): Pair[] => {
      const [from, to] = [this.#result(base, round), this.#result(candidate, round)];
      return from === null || to === null ? [] : [{ base: from, candidate: to }];
    });
    if (pairs.length === 0) return null;
    return comparePairs(pairs, { baseName: base, candidateName: candidate, gating: this.metrics });
  }

  /** For each round with four valid runs: the gain of the first transition less that of the second, as logarithms. */
  gainDifferences(metricName: string, first: Transition, second: Transition): number[] {
    const metric = metricNamed(metricName);
    return this.#rounds().flatMap((round) => {
      const [one, other] = [this.#gain(metric, first, round), this.#gain(metric, second, round)];
      return one === null || other === null ? [] : [one - other];
    });
  }

  #gain(metric: Metric, [from, to]: Transition, round: number): number | null {
    const [base, candidate] = [this.#result(from, round), this.#result(to, round)];
    if (base === null || candidate === null || !isUsable({ base, candidate })) return null;
    const [before, after] = [readable(metric, base), readable(metric, candidate)];
    return before === null || after === null ? null : gainSign(metric) * Math.log(after / before);
  }

  #rounds(): number[] {
    return Array.from({ length: this.#ladder.pairs }, (_, round) => round);
  }

  #result(variant: string, round: number): Result | null {
    return this.#results.get(`${variant} ${round}`) ?? null;
  }
}

/** Names of variants: the previous rung, the last rung, and the last rung without the change. */
interface KnobPlace {
  readonly before: string;
  readonly last: string;
  readonly without: string;
}

function knobEffects(table: RunTable, rung: RungOutcome, { before, last, without }: KnobPlace): KnobEffect[] {
  const removed = table.compare(last, without);
  const confidence = bonferroniConfidence(DEFAULT_CONFIDENCE, table.metrics.length);
  return table.metrics.map((metric): KnobEffect => {
    const added = rowOf(rung.withBefore, metric);
    const shares = {
      addedShare: added?.changeShare ?? null,
      removedShare: rowOf(removed, metric)?.changeShare ?? null,
    };
    const start = { rung: rung.name, metric, ...shares };
    if (rung.name === last) return said({ ...start, difference: null, verdict: null });
    const differences = table.gainDifferences(metric, [before, rung.name], [without, last]);
    const interval = signedRankInterval(differences, confidence);
    if (interval.isRefused) return said({ ...start, difference: null, verdict: 'undecided' });
    const { verdict } = judgeGain(interval, metricNamed(metric).smallestDifferenceShare);
    const difference = {
      share: Math.expm1(interval.estimate),
      lowShare: Math.expm1(interval.low),
      highShare: Math.expm1(interval.high),
      confidence: interval.confidence,
      n: differences.length,
    };
    return said({ ...start, difference, verdict: KNOB_VERDICT_OF[verdict] });
  });
}

/** A difference beyond the band means an interaction in either direction. */
const KNOB_VERDICT_OF = {
  improved: 'interaction',
  regressed: 'interaction',
  equivalent: 'additive',
  inconclusive: 'undecided',
  invalid: 'undecided',
} as const;

function rowOf(comparison: Comparison | null, metric: string): ComparisonRow | null {
  return comparison?.rows.find((row) => row.metric === metric) ?? null;
}

function said(effect: Omit<KnobEffect, 'sentence'>): KnobEffect {
  const words = (share: number | null): string => (share === null ? 'not measured' : changeWords(share));
  const both = `${words(effect.addedShare)} when added, ${words(effect.removedShare)} when removed from the last rung`;
  return { ...effect, sentence: `${effect.rung}, ${effect.metric}: ${both}${verdictWords(effect)}` };
}

function verdictWords({ verdict, difference }: Pick<KnobEffect, 'verdict' | 'difference'>): string {
  switch (verdict) {
    case null:
      return '; a single comparison, because it is the last';
    case 'interaction':
      return ': interaction, so it has no figure of its own';
    case 'additive':
      return ': independent of the others';
    case 'undecided':
      return `: a dependence on the others was not detected${precisionWords(difference)}`;
  }
}

function precisionWords(difference: KnobDifference | null): string {
  if (difference === null) return ', too few rounds had all four runs valid';
  return ` at this precision (interval ${changeWords(difference.lowShare)} to ${changeWords(difference.highShare)})`;
}

function sentenceOf(rungs: readonly RungOutcome[], first: string, last: string, isComplete: boolean): string {
  const top = rungs.at(-1)?.withFirst ?? null;
  const failed = rungs.filter((rung) => rung.runs > 0 && rung.failed === rung.runs).map((rung) => rung.name);
  const parts = [
    isComplete ? '' : 'NOT COMPLETE: runs remain. ',
    `${last} against ${first}: ${top === null ? 'no pair of results.' : top.sentence}`,
    failed.length === 0 ? '' : ` Failed rungs: ${failed.join(', ')}.`,
  ];
  return parts.join('');
}
