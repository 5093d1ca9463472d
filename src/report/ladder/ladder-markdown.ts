/**
 * A ladder as Markdown: the sentence, the conditions, the rungs, each change when added and when removed, and failed
 * runs.
 */

import type { Comparison, ComparisonRow } from '../../analysis/comparison/comparison-schema.ts';
import { confidenceWords } from '../../analysis/comparison/comparison-sentences.ts';
import { verdictWords } from '../../analysis/comparison/difference-verdict.ts';
import { formatFigure } from '../../analysis/comparison/format-figure.ts';
import type { LadderOutcome, RungOutcome } from '../../analysis/ladder/ladder-schema.ts';
import { formatCountOf } from '../../base/units.ts';
import { signedShare } from '../comparison/comparison-cells.ts';
import { escapeMarkdown, markdownTable } from '../text/markdown.ts';
import { knobWords } from './knob-words.ts';

const DAY_CHARACTERS = 10;
const COMMIT_CHARACTERS = 12;

export function ladderMarkdown(ladder: LadderOutcome): string {
  const { name, description, sentence, metrics, rungs } = ladder;
  const failed = rungs.filter((rung) => rung.failed > 0);
  return [
    `# Ladder ${escapeMarkdown(name)}`,
    '',
    escapeMarkdown(description),
    '',
    `**${escapeMarkdown(sentence)}**`,
    '',
    ...notes(ladder).map((note) => `- ${escapeMarkdown(note)}`),
    '',
    '| rung | adds |',
    '|---|---|',
    ...rungs.map((rung) => `| ${escapeMarkdown(rung.name)} | ${escapeMarkdown(rung.settings.join(', '))} |`),
    ...metrics.flatMap((metric) => [
      '',
      `## ${escapeMarkdown(metric)}`,
      '',
      ...climb(metric, rungs),
      '',
      ...knobs(metric, ladder),
    ]),
    ...(failed.length === 0 ? [] : ['', '## Runs that failed', '']),
    ...failed.map(
      (rung) =>
        `- ${escapeMarkdown(`${rung.name}: ${rung.failed} of ${formatCountOf(rung.runs, 'run')}, the first: ${rung.failure ?? ''}`)}`,
    ),
    '',
  ].join('\n');
}

function notes(ladder: LadderOutcome): string[] {
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

function climb(metric: string, rungs: readonly RungOutcome[]): string[] {
  const rows = rungs.map((rung, i) => {
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
  return markdownTable(['rung', 'figure', 'against the one before', 'verdict', 'against the first', 'verdict'], rows);
}

const KNOB_HEADINGS = ['rung', 'change when added', 'change when removed from the last', 'gain against loss', ''];

function knobs(metric: string, ladder: LadderOutcome): string[] {
  const share = (value: number | null): string => (value === null ? '–' : signedShare(value));
  const rows = ladder.knobs
    .filter((knob) => knob.metric === metric)
    .map((knob) => [
      knob.rung,
      share(knob.addedShare),
      share(knob.removedShare),
      knob.difference === null ? '–' : withInterval(knob.difference),
      knobWords(knob),
    ]);
  return markdownTable(KNOB_HEADINGS, rows);
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
