/** The page of a search for capacity: the sentence, the bounds, the search, latency against load, and every trial. */

import type { CapacityOutcome, CapacityTrial, CapacityVerdict } from '../../../analysis/capacity/capacity-schema.ts';
import { loadWords } from '../../../analysis/capacity/conclude-capacity.ts';
import { classifyLoad, searchBounds } from '../../../analysis/capacity/mlr-search-step.ts';
import { publishedAtBound } from '../../../analysis/capacity/published-at-bound.ts';
import { TrunklineError } from '../../../base/errors.ts';
import { formatCount, formatCountOf, formatMicros, formatShare, formatShort } from '../../../base/units.ts';
import type { PublishedFigure } from '../../../result/published-figures.ts';
import { parseCondition, type Threshold } from '../../../scenario/threshold.ts';
import { capacityMarkdown } from '../../capacity/capacity-markdown.ts';
import { messageLines } from '../../capacity/message-lines.ts';
import { ownWords } from '../../text/published-words.ts';
import { table } from '../chart-table.ts';
import { type Markup, markup } from '../markup.ts';
import { outcomeCommand } from '../outcome-command.ts';
import type { Page, PageSection } from '../page.ts';
import { type PageSource, provenanceSection } from '../provenance.ts';
import { publishedSection, type SystemFigures } from '../published-section.ts';
import { sentenceList } from '../sentence-list.ts';
import { chartFigure } from '../svg/chart-figure.ts';
import { responsivePicture } from '../svg/picture.ts';
import { WIDE } from '../svg/svg.ts';
import { PAGE_TONE, type Tone } from '../svg/tone.ts';
import { loadLatencyPlot } from './load-latency-plot.ts';
import { searchPlot, type TrialAnswer, type TriedLoad } from './search-plot.ts';

const TONES: Readonly<Record<CapacityVerdict, Tone>> = {
  confirmed: 'good',
  'at least': 'good',
  unconfirmed: 'unsure',
  none: 'bad',
  unknown: 'void',
};

/** @param source the file of the outcome. */
export function capacityPage(outcome: CapacityOutcome, source: PageSource): Page {
  const { scenario, over, transport, isSimulated, machineClass, verdict, sentence, goal, range, rangeEnd } = outcome;
  return {
    kind: 'capacity',
    title: `Capacity of ${scenario}`,
    about: [`over ${OVER_WORDS[over]}`, `transport ${transport}${isSimulated ? ', simulated' : ''}`, machineClass],
    verdict: { tone: PAGE_TONE[TONES[verdict]], sentence },
    lead: boundsTable(outcome),
    sections: [
      { id: 'search', title: 'The search, trial by trial', html: searchHtml(outcome) },
      { id: 'latency', title: 'Latency against load', html: latencyHtml(outcome) },
      { id: 'loads', title: 'Loads', html: loadsTable(outcome) },
      { id: 'trials', title: 'Trials', html: trialsHtml(outcome) },
      ...messagesSection(outcome),
      ...publishedSection(capacityFigures(outcome), quotedFigures(outcome)),
      provenanceSection({
        commands: outcomeCommand(outcome.command),
        differences: outcome.limits.length === 0 ? [] : outcome.limits.map((limit) => `limit: ${limit}`),
        sources: [source],
        facts: [
          ['search', 'MLRsearch (RFC 9971)'],
          ['range', `${formatCount(range.lowestLoad)} to ${formatCount(range.highestLoad)}: ${rangeEnd}`],
          [
            'trials',
            `${goal.trialSeconds} s each, sum ${goal.durationSumSeconds} s, exceed ratio ${formatShare(goal.exceedRatio)}, width ${formatShare(goal.widthShare)}`,
          ],
          ['machine', machineClass],
        ],
        environment: null,
      }),
    ],
    timelines: [],
    markdown: capacityMarkdown(outcome),
  };
}

function messagesSection(outcome: CapacityOutcome): PageSection[] {
  const lines = messageLines(outcome);
  return lines.length === 0 ? [] : [{ id: 'messages', title: 'Messages of all trials', html: sentenceList(lines) }];
}

/** The published figures that the scenario quotes, with what the trials at the lower bound say to each. */
function quotedFigures(outcome: CapacityOutcome): PublishedFigure[] {
  return publishedAtBound(outcome).map((row) => ({
    figure: row.metric === null ? row.figure : `${row.figure}: ${ownWords(row)}`,
    source: row.source,
  }));
}

/** The load that was confirmed, or else the lower bound, beside what others have published. */
function capacityFigures({
  over,
  bounds,
  confirmedLoad,
  scenario,
  transport,
  isSimulated,
}: CapacityOutcome): SystemFigures[] {
  const load = confirmedLoad ?? bounds.lowerLoad;
  const isOverMessages = over !== 'connections';
  return [
    {
      system: isSimulated ? 'Search, simulated' : 'This search',
      connections: isOverMessages ? null : load,
      bytesPerConnection: null,
      deliveriesPerSecond: isOverMessages ? load : null,
      counts: confirmedLoad === null ? 'lower bound, not confirmed' : 'confirmed in fresh processes',
      source: `${scenario}, transport ${transport}`,
    },
  ];
}

function boundsTable(outcome: CapacityOutcome): Markup {
  const { bounds, carriedLoad, confirmedLoad, confirmations, limitedBy, limits, trials } = outcome;
  const load = (value: number | null): string => (value === null ? 'none' : loadWords(value, outcome));
  const invalid = trials.filter(({ isValid }) => !isValid).length;
  return table(
    'Bounds',
    ['what', 'found', 'how'],
    [
      ['lower bound', load(bounds.lowerLoad), `${load(carriedLoad)} carried there (median)`],
      [
        'upper bound',
        load(bounds.upperLoad),
        limitedBy.map(({ sentence, trials: count }) => `${sentence} (${formatCountOf(count, 'trial')})`).join('; ') ||
          'no limit was broken',
      ],
      ...confirmations.map(({ trial, seconds, resultId }) => [
        'confirming run',
        load(trial.load),
        `${seconds.toFixed(0)} s: ${answerWords(trial, 'every limit held')} (${resultId})`,
      ]),
      ...(confirmations.length > 0 ? [['confirmed', load(confirmedLoad), '']] : []),
      ['limits', String(limits.length + 1), `the load is carried${limits.map((limit) => `; ${limit}`).join('')}`],
      ['trials', String(trials.length), `${invalid} of them not valid`],
    ],
    ['how'],
  );
}

function answerOf({ isValid, isGood }: CapacityTrial): TrialAnswer {
  if (!isValid) return 'invalid';
  return isGood ? 'held' : 'broken';
}

/** @param held what it says where no limit broke. */
function answerWords({ isValid, isGood, invalidReason, broken }: CapacityTrial, held: string): string {
  if (!isValid) return `not valid: ${invalidReason ?? 'no reason is stored'}`;
  return isGood ? held : broken.map(({ sentence }) => sentence).join('; ');
}

/** A trial in a run with others does not drain, so it cannot judge every limit. */
function heldWords(over: CapacityOutcome['over']): string {
  return over === 'connections' ? 'every limit held' : 'every limit held that a trial can judge';
}

const AXIS_TITLES = {
  messages: 'messages/s',
  connections: 'connections',
  rates: 'messages/s, other rates with them',
} as const;
const OVER_WORDS = { messages: 'messages per second', connections: 'connections', rates: 'all rates' } as const;

/** Loads within this factor of the bounds are drawn again, larger. */
const NEAR_FACTOR = 1.12;

function searchHtml(outcome: CapacityOutcome): Markup {
  const { trials, confirmations, goal, over } = outcome;
  const held = heldWords(over);
  if (trials.length === 0) return markup`<p>There was no trial.</p>`;
  const tried = (trial: CapacityTrial): TriedLoad => ({
    load: trial.load,
    answer: answerOf(trial),
    said: `${loadWords(trial.load, outcome)}: ${answerWords(trial, held)}`,
  });
  const bounds = trials.map((_, i) => searchBounds(trials.slice(0, i + 1), goal));
  const search = {
    trials: trials.map(tried),
    bounds,
    confirmations: confirmations.map(({ trial }) => tried(trial)),
    loadWords: formatShort,
    loadTitle: AXIS_TITLES[over],
    loads: null,
  };
  const load = (value: number | null): string => (value === null ? '–' : formatCount(value));
  const whole = chartFigure({
    title: 'Load by trial',
    note: 'Each mark is a trial. The lines are the bounds as they were known after it: solid the lower, dashed the upper. A trial that is not valid never counts.',
    draw: (width) =>
      searchPlot(
        search,
        width,
        `Load by trial, ${formatCountOf(trials.length, 'trial')}; the table below has the values`,
      ),
    headings: ['trial', AXIS_TITLES[over], 'answer', 'lower bound', 'upper bound'],
    rows: trials.map((trial, i) => [
      i + 1,
      formatCount(trial.load),
      answerOf(trial),
      load(bounds[i]?.lowerLoad ?? null),
      load(bounds[i]?.upperLoad ?? null),
    ]),
  });
  const { lowerLoad, upperLoad } = outcome.bounds;
  if (lowerLoad === null || upperLoad === null) return whole;
  const near = { ...search, loads: [lowerLoad / NEAR_FACTOR, upperLoad * NEAR_FACTOR] as const };
  return markup`${whole}
<h3>Near the bounds</h3>
${responsivePicture((width) => searchPlot(near, width, 'The same trials, only loads near the bounds'), WIDE)}`;
}

function latencyHtml({ trials, bounds, limits, over }: CapacityOutcome): Markup {
  const measured = trials.filter(({ deliveryP99Micros }) => deliveryP99Micros !== null);
  if (measured.length === 0) return markup`<p>No trial measured a latency.</p>`;
  const limitMicros = latencyLimit(limits);
  const drawn = {
    trials: measured.map((trial) => ({
      load: trial.load,
      p50Micros: trial.deliveryP50Micros,
      p99Micros: trial.deliveryP99Micros,
      answer: answerOf(trial),
    })),
    lowerLoad: bounds.lowerLoad,
    upperLoad: bounds.upperLoad,
    limitMicros,
    loadWords: formatShort,
    loadTitle: AXIS_TITLES[over],
  };
  return chartFigure({
    title: 'Delivery latency against load',
    note: 'From the intended time. Each mark is a trial; the lines join the medians of the valid trials. Vertical lines: lower bound (solid) and upper bound (dashed).',
    draw: (width) => loadLatencyPlot(drawn, width, 'Delivery latency against load; the table below has the values'),
    headings: [AXIS_TITLES[over], 'p50', 'p99', 'answer'],
    rows: [...measured]
      .sort((a, b) => a.load - b.load)
      .map((trial) => [
        formatCount(trial.load),
        micros(trial.deliveryP50Micros),
        micros(trial.deliveryP99Micros),
        answerOf(trial),
      ]),
  });
}

/**
 * The strictest upper limit on the p99 of delivery; null without one. A limit that another version wrote is not drawn.
 */
function latencyLimit(limits: readonly string[]): number | null {
  const those = limits
    .flatMap(readCondition)
    .filter(
      ({ metric, aggregation, percent, operator }) =>
        metric === 'latency.delivery' && aggregation === 'p' && percent === 99 && operator.startsWith('<'),
    );
  return those.length === 0 ? null : Math.min(...those.map(({ limit }) => limit));
}

function readCondition(text: string): Threshold[] {
  try {
    return [parseCondition(text)];
  } catch (error) {
    if (error instanceof TrunklineError) return [];
    throw error;
  }
}

function micros(value: number | null): string {
  return value === null ? '–' : formatMicros(value);
}

const LOAD_HEADINGS = ['load', 'class', 'held', 'broken', 'not valid', 'carried', 'worst p99', 'switch busy'];

function loadsTable({ trials, goal }: CapacityOutcome): Markup {
  const loads = [...new Set(trials.map(({ load }) => load))].sort((a, b) => a - b);
  const rows = loads.map((load) => {
    const own = trials.filter((trial) => trial.load === load);
    const valid = own.filter(({ isValid }) => isValid);
    const most = (pick: (trial: CapacityTrial) => number | null, words: (figure: number) => string): string => {
      const figures = valid.flatMap((trial) => pick(trial) ?? []);
      return figures.length === 0 ? '–' : words(Math.max(...figures));
    };
    return [
      formatCount(load),
      classifyLoad(trials, load, goal),
      valid.filter(({ isGood }) => isGood).length,
      valid.filter(({ isGood }) => !isGood).length,
      own.length - valid.length,
      most(({ carriedLoad }) => carriedLoad, formatCount),
      most(({ deliveryP99Micros }) => deliveryP99Micros, formatMicros),
      most(({ switchBusyShare }) => switchBusyShare, formatShare),
    ];
  });
  return table('Loads', LOAD_HEADINGS, rows);
}

function trialsHtml({ trials, over }: CapacityOutcome): Markup {
  const share = (value: number | null): string => (value === null ? '–' : formatShare(value));
  const rows = trials.map((trial, i) => [
    i + 1,
    formatCount(trial.load),
    trial.carriedLoad === null ? '–' : formatCount(trial.carriedLoad),
    micros(trial.deliveryP99Micros),
    trial.switchMicrosPerMessage === null ? '–' : formatMicros(trial.switchMicrosPerMessage),
    share(trial.switchBusyShare),
    share(trial.driverBusyShare),
    answerWords(trial, heldWords(over)),
  ]);
  return markup`<details class="more"><summary>All ${formatCountOf(trials.length, 'trial')}</summary>
${table('Trials', ['trial', 'load', 'carried', 'p99', 'switch time/message', 'switch busy', 'driver busy', 'answer'], rows, ['answer'])}
</details>`;
}
