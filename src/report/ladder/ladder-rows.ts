/** What the tables of a ladder have in each row, as text and as Markdown, and the conditions that both name. */
import type { Comparison, ComparisonRow } from '../../analysis/comparison/comparison-schema.ts';
import { confidenceWords } from '../../analysis/comparison/comparison-sentences.ts';
import { verdictWords } from '../../analysis/comparison/difference-verdict.ts';
import { formatFigure } from '../../analysis/comparison/format-figure.ts';
import type { LadderOutcome, RungOutcome } from '../../analysis/ladder/ladder-schema.ts';
import { formatCountOf } from '../../base/units.ts';
import { signedShare } from '../comparison/comparison-cells.ts';
import { knobWords } from './knob-words.ts';

const DAY_CHARACTERS = 10;
const COMMIT_CHARACTERS = 12;

/** Under which conditions the ladder ran, one sentence each. */
export function ladderNotes(ladder: LadderOutcome): string[] {
  const { scenario, settings, machineClasses, commits, nodes, startedAt, pairs, runs, rungs } = ladder;
  const asked = rungs[1]?.withFirst?.gatingConfidence ?? null;
  // With the previous and the first rung (the same for the second rung), and without each change but the last.
  const comparisons = 3 * rungs.length - 5;
  return [
    `scenario ${scenario}${settings.length === 0 ? '' : ` with ${settings.join(', ')}`}`,
    `${machineClasses.join(', ') || 'machine unknown'}; Node ${nodes.join(', ') || 'unknown'}; commit ${commits.map((one) => one.slice(0, COMMIT_CHARACTERS)).join(', ') || 'unknown'}; ${startedAt?.slice(0, DAY_CHARACTERS) ?? 'not begun'}`,
    `${pairs.run} of ${pairs.planned} rounds; each runs every rung and every variant once, in an order drawn from the seed, reversed in every second round; ${runs.valid} of ${runs.run} runs valid`,
    'figures are medians; a change is the median of the ratios within rounds, with its interval',
    ...(asked === null
      ? []
      : [
          `each interval has at least ${confidenceWords(asked)} by itself; ${comparisons} comparisons of each metric are shown, without a correction for their number`,
        ]),
  ];
}

export const RUNG_HEADINGS = ['rung', 'figure', 'against the one before', 'verdict', 'against the first', 'verdict'];

/** The figure of each rung, and its change against the previous and the first one. */
export function ladderRungRows(metric: string, rungs: readonly RungOutcome[]): string[][] {
  return rungs.map((rung, i) => {
    const before = rowOf(rung.withBefore?.rows, metric);
    const first = rowOf(rung.withFirst?.rows, metric);
    const own = i === 0 ? rowOf(rungs[1]?.withFirst?.rows, metric) : first;
    const figure = i === 0 ? own?.base : own?.candidate;
    const shown = own === null || figure === null || figure === undefined ? '–' : formatFigure(figure, own.unit);
    return [
      rung.name,
      shown,
      change(before),
      verdict(rung.withBefore, before),
      change(first),
      verdict(rung.withFirst, first),
    ];
  });
}

export const KNOB_HEADINGS = [
  'rung',
  'change when added',
  'change when removed from the last',
  'gain against loss',
  '',
];

/** What each change gained when it was added, and lost when it was removed. */
export function ladderKnobRows(metric: string, ladder: LadderOutcome): string[][] {
  const share = (value: number | null): string => (value === null ? '–' : signedShare(value));
  return ladder.knobs
    .filter((knob) => knob.metric === metric)
    .map((knob) => [
      knob.rung,
      share(knob.addedShare),
      share(knob.removedShare),
      knob.difference === null ? '–' : withInterval(knob.difference),
      knobWords(knob),
    ]);
}

/** A sentence for each rung of which a run failed. */
export function failedRungs({ rungs }: LadderOutcome): string[] {
  return rungs
    .filter((rung) => rung.failed > 0)
    .map(
      (rung) => `${rung.name}: ${rung.failed} of ${formatCountOf(rung.runs, 'run')}, the first: ${rung.failure ?? ''}`,
    );
}

function rowOf(rows: readonly ComparisonRow[] | undefined, metric: string): ComparisonRow | null {
  return rows?.find((row) => row.metric === metric) ?? null;
}

function change(row: ComparisonRow | null): string {
  if (row === null || row.changeShare === null) return '–';
  const { changeShare, lowShare, highShare } = row;
  if (lowShare === null || highShare === null) return signedShare(changeShare);
  return withInterval({ share: changeShare, lowShare, highShare });
}

function withInterval({
  share,
  lowShare,
  highShare,
}: {
  readonly share: number;
  readonly lowShare: number;
  readonly highShare: number;
}): string {
  return `${signedShare(share)} (${signedShare(lowShare)} … ${signedShare(highShare)})`;
}

/** If the whole comparison is invalid, so is each of its rows. */
function verdict(comparison: Comparison | null, row: ComparisonRow | null): string {
  if (comparison === null || row === null) return '–';
  return comparison.invalidReason === null ? verdictWords(row.verdict, row.lean) : 'invalid';
}
