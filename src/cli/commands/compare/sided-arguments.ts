/** Shared by `compare` and `gate`: the arguments of base and candidate, and the sides of a series made from them. */
import type { NoiseFloors } from '../../../analysis/comparison/noise-floors-schema.ts';
import { TrunklineError } from '../../../base/errors.ts';
import type { SeriesSide } from '../../../run/series/series.ts';
import { type LoadArguments, settingsOf } from '../../options/load-options.ts';
import type { RevisionArguments, SidedBuilds } from '../../options/revision-options.ts';
import { type SeriesArguments, scenarioSide } from '../run/with-series.ts';
import { readNoiseFloors } from './read-noise-floors.ts';

/** The arguments of {@link sideOptions}, of the series, the revisions and the load. */
export interface SidedArguments extends SeriesArguments, RevisionArguments, LoadArguments {
  readonly candidate: string | undefined;
  readonly baseSet: readonly string[];
  readonly candidateSet: readonly string[];
  readonly noiseFloors: string | undefined;
  readonly inconclusiveExit: boolean;
}

/** The noise floors from the file that was given, if any. @throws RESULT_UNREADABLE. */
export function namedNoiseFloors({ noiseFloors }: SidedArguments): { readonly noiseFloors?: NoiseFloors } {
  return noiseFloors === undefined ? {} : { noiseFloors: readNoiseFloors(noiseFloors) };
}

/** The base: a scenario with the settings of both sides and its own. @throws as {@link scenarioSide}. */
export function baseSide(args: SidedArguments, scenario: string, builds: SidedBuilds): Promise<SeriesSide> {
  return scenarioSide('base', scenario, [...settingsOf(args), ...args.baseSet], builds.base);
}

/** The candidate: its own scenario, or that of the base, with the settings of both sides and its own. */
export function candidateSide(args: SidedArguments, base: string, builds: SidedBuilds): Promise<SeriesSide> {
  const settings = [...settingsOf(args), ...args.candidateSet];
  return scenarioSide('candidate', args.candidate ?? base, settings, builds.candidate);
}

/** @param refusal the message if both sides run the same scenario with the same build. @throws ARGUMENT_INVALID. */
export function checkDifferent(base: SeriesSide, candidate: SeriesSide, refusal: string): void {
  if (base.scenarioHash !== candidate.scenarioHash || base.build.entry !== candidate.build.entry) return;
  throw new TrunklineError('ARGUMENT_INVALID', refusal);
}
