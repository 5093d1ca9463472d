/** A capacity as text: the sentence, the bounds, what limits it, the confirming runs, and every load that was tried. */

import type { CapacityOutcome, CapacityTrial } from '../../analysis/capacity/capacity-schema.ts';
import { loadWords } from '../../analysis/capacity/conclude-capacity.ts';
import { classifyLoad } from '../../analysis/capacity/mlr-search-step.ts';
import { goodAtLowerBound, medianOf, publishedAtBound } from '../../analysis/capacity/published-at-bound.ts';
import { formatCount, formatCountOf, formatMicros, formatShare } from '../../base/units.ts';
import { columns } from '../text/columns.ts';
import type { Palette } from '../text/palette.ts';
import { publishedText } from '../text/published-words.ts';
import { messageLines } from './message-lines.ts';

export function capacityText(outcome: CapacityOutcome, palette: Palette): string {
  const { bounds, limits, range, rangeEnd, goal, carriedLoad, limitedBy, confirmations, trials } = outcome;
  const words = (load: number | null): string => (load === null ? 'none' : loadWords(load, outcome));
  const simulated = outcome.isSimulated ? ', simulated: phones are rows in memory, no kernel sockets' : '';
  const colour = outcome.verdict === 'confirmed' ? palette.good : palette.warning;
  const wasteful = trials.filter((trial) => !trial.isValid).length;
  return [
    colour(outcome.sentence),
    palette.faint(`scenario ${outcome.scenario}, transport ${outcome.transport}${simulated}; ${outcome.machineClass}`),
    palette.faint(
      `limits: ${limits.length === 0 ? 'the load is carried' : `the load is carried, ${limits.join(', ')}`}`,
    ),
    palette.faint(
      `MLRsearch (RFC 9971) from ${formatCount(range.lowestLoad)} to ${formatCount(range.highestLoad)} (${rangeEnd}), trials of ${goal.trialSeconds} s, sum ${goal.durationSumSeconds} s, exceed ratio ${formatShare(goal.exceedRatio)}, width ${formatShare(goal.widthShare)}`,
    ),
    '',
    line('lower bound', words(bounds.lowerLoad)),
    line('rate carried there', `${words(carriedLoad)} (median)`),
    ...otherRates(outcome),
    line('upper bound', words(bounds.upperLoad)),
    ...limitedBy.map(({ sentence, trials: count }) =>
      line('broken there', `${sentence} (${formatCountOf(count, 'trial')})`),
    ),
    ...confirmations.map(({ trial, seconds, resultId }) =>
      line('confirming run', `${words(trial.load)} for ${seconds.toFixed(0)} s: ${answer(trial)} (${resultId})`),
    ),
    line('trials', `${trials.length}, of which ${wasteful} not valid`),
    ...labelled('all messages', messageLines(outcome)),
    ...labelled('published', publishedLines(outcome)),
    '',
    ...columns([HEADINGS, ...loadRows(outcome)]),
  ].join('\n');
}

const LABEL_CHARACTERS = 20;
/** Of several good trials. */
const BESIDE_PUBLISHED = 'here: medians of the good trials at the lower bound';

function line(label: string, text: string): string {
  return `${label.padEnd(LABEL_CHARACTERS)}${text}`;
}

/** The label stands before the first of the lines. */
function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((text, i) => line(i === 0 ? label : '', text));
}

/** Figures of others, beside those at the lower bound. */
function publishedLines(outcome: CapacityOutcome): string[] {
  const rows = publishedAtBound(outcome);
  const isCompared = rows.some(({ metric }) => metric !== null);
  return [...(isCompared ? [BESIDE_PUBLISHED] : []), ...rows.map(publishedText)];
}

/** What else was carried at the lower bound, where all rates were to change together. */
function otherRates(outcome: CapacityOutcome): string[] {
  if (outcome.over !== 'rates') return [];
  const good = goodAtLowerBound(outcome);
  const words = (pick: (trial: CapacityTrial) => number | null, what: string): string[] => {
    const figure = medianOf(good, pick);
    return figure === null ? [] : [`${formatCount(Math.round(figure))} ${what}/s`];
  };
  const all = [
    ...words((trial) => trial.deliveriesPerSecond, 'deliveries'),
    ...words((trial) => trial.loginsPerSecond, 'logins'),
    ...words((trial) => trial.noticesPerSecond, 'presence notices'),
  ];
  return all.length === 0 ? [] : [line('with it', `${all.join(', ')} (medians)`)];
}

const HEADINGS = ['load', 'class', 'good', 'bad', 'not valid', 'carried', 'p99 (worst)', 'switch busy', 'first broken'];

/** One row per load, in ascending order. */
function loadRows({ trials, goal }: CapacityOutcome): string[][] {
  const loads = [...new Set(trials.map(({ load }) => load))].sort((a, b) => a - b);
  return loads.map((load) => {
    const own = trials.filter((trial) => trial.load === load);
    const valid = own.filter((trial) => trial.isValid);
    const highest = (pick: (trial: CapacityTrial) => number | null): number | null => {
      const figures = valid.flatMap((trial) => pick(trial) ?? []);
      return figures.length === 0 ? null : Math.max(...figures);
    };
    const carried = highest((trial) => trial.carriedLoad);
    const p99 = highest((trial) => trial.deliveryP99Micros);
    const busy = highest((trial) => trial.switchBusyShare);
    return [
      formatCount(load),
      classifyLoad(trials, load, goal),
      String(valid.filter((trial) => trial.isGood).length),
      String(valid.filter((trial) => !trial.isGood).length),
      String(own.length - valid.length),
      carried === null ? '–' : formatCount(carried),
      p99 === null ? '–' : formatMicros(p99),
      busy === null ? '–' : formatShare(busy),
      valid.find((trial) => !trial.isGood)?.broken[0]?.limit ??
        own.find((trial) => !trial.isValid)?.invalidReason ??
        '–',
    ];
  });
}

function answer({ isValid, isGood, invalidReason, broken }: CapacityTrial): string {
  if (!isValid) return `not valid: ${invalidReason ?? ''}`;
  return isGood ? 'every limit held' : `broken: ${broken.map(({ sentence }) => sentence).join('; ')}`;
}
