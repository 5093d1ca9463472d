/** Pairs of runs that were adjacent in time, and the ratios within them. */
import { guardText } from '../../result/guard-text.ts';
import type { Result } from '../../result/result-schema.ts';
import type { Metric } from './result-metrics.ts';

/** One block of a comparison. Blocks are in the order in which they ran. */
export interface Pair {
  readonly base: Result;
  readonly candidate: Result;
}

/** Whether no guard tripped on either side. A tripped guard drops a run together with its pair; nothing else does. */
export function isUsable({ base, candidate }: Pair): boolean {
  return base.validity.isValid && candidate.validity.isValid;
}

/** Why a result is not valid. */
export function guardReason({ validity }: Result): string {
  const tripped = validity.guards.find((guard) => guard.verdict === 'invalid');
  if (tripped !== undefined) return guardText(tripped);
  return validity.failure ?? `the run was ${validity.ended}, and not valid`;
}

export interface PairedValues {
  readonly bases: readonly number[];
  readonly candidates: readonly number[];
  /** ln(candidate/base), with the sign such that more is better; empty for exact metrics. */
  readonly gains: readonly number[];
  /** Pairs in which at least one side has no value or, for ratios, a value that is not above 0. */
  readonly missing: number;
  /** Why the first of them has none, if known. */
  readonly missingReason: string | null;
}

/** The figures of a metric in valid pairs. */
export function usablePairs(metric: Metric, pairs: readonly Pair[]): PairedValues {
  const values = pairs.flatMap(({ base, candidate }) => {
    const from = readable(metric, base);
    const to = readable(metric, candidate);
    return from === null || to === null ? [] : [{ from, to }];
  });
  const isRatio = metric.kind === 'ratio';
  return {
    bases: values.map(({ from }) => from),
    candidates: values.map(({ to }) => to),
    gains: isRatio ? values.map(({ from, to }) => gainSign(metric) * Math.log(to / from)) : [],
    missing: pairs.length - values.length,
    missingReason: firstReason(
      metric,
      pairs.flatMap(({ base, candidate }) => [base, candidate]),
    ),
  };
}

/** Why the first of the results without a figure has none, if known. */
export function firstReason(metric: Metric, results: readonly Result[]): string | null {
  for (const result of results) {
    const reason = readable(metric, result) === null ? metric.whyNone(result) : null;
    if (reason !== null) return reason;
  }
  return null;
}

/** The figure of a metric; null if it was not measured or cannot be part of a ratio. */
export function readable(metric: Metric, result: Result): number | null {
  const value = metric.read(result);
  return value === null || (metric.kind === 'ratio' && !(value > 0)) ? null : value;
}

/** 1 if more is better, −1 if less is better. */
export function gainSign(metric: Pick<Metric, 'better'>): 1 | -1 {
  return metric.better === 'more' ? 1 : -1;
}
