/**
 * The capacity of a switch: the highest load at which every limit holds, from the trials of a search and the runs that
 * confirm it. It names what prevents a higher load, also if that is not the switch.
 */
import { formatCount } from '../../base/units.ts';
import type { PublishedMetric } from '../../result/result-schema.ts';
import {
  CAPACITY_SCHEMA,
  type CapacityLoad,
  type CapacityOutcome,
  type CapacityTrial,
  type CapacityVerdict,
  type ConfirmingRun,
  type MessageCheck,
} from './capacity-schema.ts';
import { brokenByMessages, unjudgedLimits } from './judge-messages.ts';
import { type SearchBounds, type SearchGoal, type SearchRange, searchBounds } from './mlr-search-step.ts';
import { goodAtLowerBound, medianOf } from './published-at-bound.ts';

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
  readonly published: readonly PublishedMetric[];
  /** Command that repeats the search. */
  readonly command: string | null;
}

/**
 * The conclusion from the trials and the confirming runs.
 *
 * @param messages those of all trials of a search in one run, checked after its drain. If they break a limit, there is
 * no lower bound: a switch that loses messages carries no load.
 */
export function concludeCapacity(
  order: CapacityOrder,
  trials: readonly CapacityTrial[],
  confirmations: readonly ConfirmingRun[],
  messages: MessageCheck | null = null,
): CapacityOutcome {
  const isBroken = brokenByMessages(messages).length > 0;
  const known = searchBounds(trials, order.goal);
  const bounds = isBroken ? { ...known, lowerLoad: null } : known;
  const { lowerLoad, upperLoad, unmeasurableLoad } = bounds;
  const limitedBy = brokenAt(trials, upperLoad);
  const isRegular =
    lowerLoad !== null &&
    upperLoad !== null &&
    unmeasurableLoad === null &&
    (upperLoad / lowerLoad <= 1 + order.goal.widthShare || upperLoad - lowerLoad <= 1);
  const confirmed = isBroken ? null : (goodRun(confirmations) ?? null);
  const verdict = isBroken ? 'none' : verdictOf(bounds, isRegular, confirmed !== null, confirmations.length > 0);
  const found = { ...order, bounds, isRegular, limitedBy, messages, confirmations, verdict };
  return {
    schema: CAPACITY_SCHEMA,
    ...found,
    sentence: sentenceOf(found),
    carriedLoad: medianOf(goodAtLowerBound({ trials, bounds }), ({ carriedLoad }) => carriedLoad),
    confirmedLoad: confirmed?.trial.load ?? null,
    trials,
  };
}

function goodRun(confirmations: readonly ConfirmingRun[]): ConfirmingRun | undefined {
  return confirmations.find(({ trial }) => trial.isValid && trial.isGood);
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
  const confirmed = verdict === 'none' ? undefined : goodRun(confirmations)?.trial.load;
  const reached = confirmed ?? bounds.lowerLoad ?? 0;
  return `Claim ${reached >= ownLoad ? 'met' : 'not met'}: the rates of the scenario are 1.00. ${sentence}`;
}

function foundSentence(found: Found): string {
  const { bounds, verdict, limitedBy, confirmations, range, rangeEnd } = found;
  const { lowerLoad, upperLoad, unmeasurableLoad } = bounds;
  const words = (load: number | null): string => loadWords(load ?? 0, found);
  const simulated = found.isSimulated ? ', simulated' : '';
  const cause = limitedBy[0]?.sentence ?? 'no limit was broken';
  const confirmed = goodRun(confirmations);
  const broken = brokenByMessages(found.messages);
  const unjudged = unjudgedLimits(found);
  const held =
    unjudged.length === 0 ? 'every limit held' : `every judged limit held, NOT JUDGED ${unjudged.join('; ')}`;
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
      return `Capacity at least ${words(confirmed?.trial.load ?? lowerLoad)}${simulated}: ${held}; limited by ${end}.`;
    case 'none':
      if (broken.length > 0) return `No capacity${simulated}: over the messages of all trials, ${broken.join('; ')}.`;
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
