/**
 * The capacity of a switch: the highest load at which every limit holds, from the trials of a search and the runs that
 * confirm it. It names what prevents a higher load, also if that is not the switch.
 */
import { formatCount } from '../../base/units.ts';
import type { PublishedFigure } from '../../result/published-figures.ts';
import { median } from '../../stats/quantiles.ts';
import {
  CAPACITY_SCHEMA,
  type CapacityLoad,
  type CapacityOutcome,
  type CapacityTrial,
  type CapacityVerdict,
  type ConfirmingRun,
} from './capacity-schema.ts';
import { type SearchBounds, type SearchGoal, type SearchRange, searchBounds } from './mlr-search-step.ts';

/** What was searched, and why the range ends where it does. */
export interface CapacityOrder {
  readonly over: CapacityLoad;
  /** The load of the scenario as written. */
  readonly ownLoad: number;
  readonly scenario: string;
  readonly transport: string;
  readonly isSimulated: boolean;
  readonly machineClass: string;
  /** As written. */
  readonly limits: readonly string[];
  readonly range: SearchRange;
  /** What ends the range, for example `70 % of what the driver can do`. */
  readonly rangeEnd: string;
  readonly goal: SearchGoal;
  /** Figures of others that the scenario quotes. */
  readonly published: readonly PublishedFigure[];
  /** Command that repeats the search. */
  readonly command: string | null;
}

/** The conclusion from the trials and the confirming runs. */
export function concludeCapacity(
  order: CapacityOrder,
  trials: readonly CapacityTrial[],
  confirmations: readonly ConfirmingRun[],
): CapacityOutcome {
  const bounds = searchBounds(trials, order.goal);
  const { lowerLoad, upperLoad, unmeasurableLoad } = bounds;
  const limitedBy = brokenAt(trials, upperLoad);
  const isRegular =
    lowerLoad !== null &&
    upperLoad !== null &&
    unmeasurableLoad === null &&
    (upperLoad / lowerLoad <= 1 + order.goal.widthShare || upperLoad - lowerLoad <= 1);
  const confirmed = confirmations.find(({ trial }) => trial.isValid && trial.isGood) ?? null;
  const verdict = verdictOf(bounds, isRegular, confirmed !== null, confirmations.length > 0);
  const found = { ...order, bounds, isRegular, limitedBy, confirmations, verdict };
  const carried = trials
    .filter((trial) => trial.load === lowerLoad && trial.isValid && trial.isGood)
    .flatMap(({ carriedLoad }) => (carriedLoad === null ? [] : [carriedLoad]));
  return {
    schema: CAPACITY_SCHEMA,
    ...found,
    sentence: sentenceOf(found),
    carriedLoad: carried.length === 0 ? null : median(carried),
    confirmedLoad: confirmed?.trial.load ?? null,
    trials,
  };
}

/** @param wasTried whether there were confirming runs: without an upper bound one may be left out, but not fail. */
function verdictOf(bounds: SearchBounds, isRegular: boolean, isConfirmed: boolean, wasTried: boolean): CapacityVerdict {
  const { lowerLoad, upperLoad, unmeasurableLoad } = bounds;
  if (lowerLoad === null) return upperLoad !== null && unmeasurableLoad === null ? 'none' : 'unknown';
  if (upperLoad === null || unmeasurableLoad !== null) return wasTried && !isConfirmed ? 'unconfirmed' : 'at least';
  return isRegular && isConfirmed ? 'confirmed' : 'unconfirmed';
}

function brokenAt(trials: readonly CapacityTrial[], load: number | null): CapacityOutcome['limitedBy'] {
  const broken = trials.filter((trial) => trial.load === load && trial.isValid).flatMap((trial) => trial.broken);
  return [...new Set(broken.map(({ limit }) => limit))]
    .map((limit) => {
      const those = broken.filter((one) => one.limit === limit);
      return { limit, trials: those.length, sentence: those[0]?.sentence ?? limit };
    })
    .sort((a, b) => b.trials - a.trials);
}

/** `41,200 messages/s`, or `0.412 times all rates (41,200 messages/s)`. */
export function loadWords(load: number, { over, ownLoad }: Pick<CapacityOutcome, 'over' | 'ownLoad'>): string {
  const words = `${formatCount(load)} ${over === 'connections' ? 'connections' : 'messages/s'}`;
  if (over !== 'rates' || ownLoad === null || ownLoad === 0) return words;
  return `${(load / ownLoad).toPrecision(3)} times all rates (${words})`;
}

type Found = Omit<CapacityOutcome, 'schema' | 'sentence' | 'carriedLoad' | 'confirmedLoad' | 'trials'>;

/** The sentence of a verdict. Over all rates, it begins with whether those of the scenario were reached. */
function sentenceOf(found: Found): string {
  const { over, ownLoad, bounds, verdict, confirmations } = found;
  const sentence = foundSentence(found);
  if (over !== 'rates' || ownLoad === null || verdict === 'unknown') return sentence;
  const confirmed = confirmations.find(({ trial }) => trial.isValid && trial.isGood)?.trial.load;
  const reached = confirmed ?? bounds.lowerLoad ?? 0;
  return `Claim ${reached >= ownLoad ? 'met' : 'not met'}: the rates of the scenario are 1.00. ${sentence}`;
}

function foundSentence(found: Found): string {
  const { bounds, verdict, limitedBy, confirmations, range, rangeEnd } = found;
  const { lowerLoad, upperLoad, unmeasurableLoad } = bounds;
  const words = (load: number | null): string => loadWords(load ?? 0, found);
  const simulated = found.isSimulated ? ', simulated' : '';
  const cause = limitedBy[0]?.sentence ?? 'no limit was broken';
  const confirmed = confirmations.find(({ trial }) => trial.isValid && trial.isGood);
  const end = unmeasurableLoad === null ? rangeEnd : `trials at ${words(unmeasurableLoad)} were not valid`;
  switch (verdict) {
    case 'confirmed': {
      const seconds = (confirmed?.seconds ?? 0).toFixed(0);
      return `Capacity ${words(confirmed?.trial.load ?? lowerLoad)}${simulated}, confirmed for ${seconds} s (bounds ${words(lowerLoad)} and ${words(upperLoad)}); limited by ${cause}.`;
    }
    case 'unconfirmed': {
      const why = `NOT CONFIRMED (${whyUnconfirmed(confirmations.at(-1))})`;
      if (upperLoad === null || unmeasurableLoad !== null)
        return `Capacity at least ${words(lowerLoad)}${simulated}, in trials, ${why}; limited by ${end}.`;
      return `Capacity about ${words(lowerLoad)}${simulated}, ${why}; below ${words(upperLoad)}, limited by ${cause}.`;
    }
    case 'at least':
      return `Capacity at least ${words(confirmed?.trial.load ?? lowerLoad)}${simulated}: every limit held; limited by ${end}.`;
    case 'none':
      return `No capacity within the range: already at ${words(range.lowestLoad)}${simulated}, ${cause}.`;
    default:
      return 'The capacity is unknown: no trial was valid.';
  }
}

/** @param last the last confirming run. */
function whyUnconfirmed(last: ConfirmingRun | undefined): string {
  if (last === undefined) return 'no confirming run';
  return last.trial.invalidReason ?? last.trial.broken[0]?.sentence ?? 'the bounds are wide';
}
