/** The page of a ladder: per metric the waterfall, and gain when added beside loss when removed; then failed runs. */

import type { Comparison, ComparisonRow } from '../../../analysis/comparison/comparison-schema.ts';
import { confidenceWords } from '../../../analysis/comparison/comparison-sentences.ts';
import { verdictWords } from '../../../analysis/comparison/difference-verdict.ts';
import { formatFigure } from '../../../analysis/comparison/format-figure.ts';
import type { LadderOutcome, RungOutcome } from '../../../analysis/ladder/ladder-schema.ts';
import { formatCountOf } from '../../../base/units.ts';
import type { MetricUnit } from '../../../scenario/terms/metrics.ts';
import { signedShare } from '../../comparison/comparison-cells.ts';
import { knobWords } from '../../ladder/knob-words.ts';
import { ladderMarkdown } from '../../ladder/ladder-markdown.ts';
import { table } from '../chart-table.ts';
import { changeWithInterval } from '../comparison/comparison-rows-table.ts';
import { type Markup, markup } from '../markup.ts';
import { metricFigures } from '../metric-figures.ts';
import { outcomeCommand } from '../outcome-command.ts';
import type { Page, PageSection } from '../page.ts';
import { type PageSource, provenanceSection } from '../provenance.ts';
import { publishedSection, type SystemFigures } from '../published-section.ts';
import { chartFigure } from '../svg/chart-figure.ts';
import { PAGE_TONE, TONE_OF_VERDICT, type Tone } from '../svg/tone.ts';
import { type AddedRemoved, addedRemovedPlot } from './added-removed-plot.ts';
import { waterfall } from './waterfall.ts';

/** @param source the file of the outcome. */
export function ladderPage(ladder: LadderOutcome, source: PageSource): Page {
  const { name, description, scenario, sentence, metrics, isComplete, startedAt } = ladder;
  const top = ladder.rungs.at(-1)?.withFirst ?? null;
  const tone: Tone = !isComplete ? 'unsure' : top === null ? 'void' : TONE_OF_VERDICT[top.verdict];
  return {
    kind: 'ladder',
    title: `Ladder ${name}`,
    about: [
      description,
      `scenario ${scenario}`,
      ...ladder.machineClasses,
      startedAt?.replace(/\.\d+Z$/, 'Z') ?? 'not begun',
    ],
    verdict: { tone: PAGE_TONE[tone], sentence },
    lead: rungsTable(ladder),
    sections: [
      ...metrics.map((metric, i) => metricSection(metric, `metric-${i + 1}`, ladder)),
      ...publishedSection(ladderFigures(ladder), ladder.published),
      { id: 'failed', title: 'Runs that failed', html: failedHtml(ladder) },
      provenanceSection({
        commands: outcomeCommand(ladder.command),
        differences: ladder.settings.map((setting) => `all rungs: ${setting}`),
        sources: [source],
        facts: facts(ladder),
        environment: null,
      }),
    ],
    timelines: [],
    markdown: ladderMarkdown(ladder),
  };
}

function facts({ scenario, commits, nodes, machineClasses, pairs, runs }: LadderOutcome): [string, string][] {
  return [
    ['scenario', scenario],
    ['commit', commits.join(', ') || 'unknown'],
    ['Node', nodes.join(', ') || 'unknown'],
    ['machine', machineClasses.join(', ') || 'unknown'],
    ['rounds', `${pairs.run} of ${pairs.planned}`],
    ['runs', `${runs.run} of ${runs.planned}, ${runs.valid} valid`],
  ];
}

/** One row per rung: what it adds, its figures, and the verdict against the first. */
function rungsTable({ rungs, metrics }: LadderOutcome): Markup {
  const rows = rungs.map((rung, i) => [
    markup`${rung.name}<br><small class="note">${rung.settings.join(', ')}</small>`,
    ...metrics.map((metric) => {
      const { figure, unit } = rungFigure(rungs, i, metric);
      return figure === null ? '–' : formatFigure(figure, unit);
    }),
    i === 0 ? '–' : verdictOf(rung.withBefore),
    i === 0 ? '–' : verdictOf(rung.withFirst),
    rung.failed === 0
      ? String(rung.runs)
      : markup`${rung.runs}, <strong class="bad-text">${rung.failed} failed</strong>`,
  ]);
  return table('Rungs', ['rung', ...metrics, 'against the one before', 'against the first', 'runs'], rows);
}

function verdictOf(comparison: Comparison | null): string {
  return comparison === null ? 'no pair of results' : comparison.verdict;
}

/** Of the first and the last rung, what others have published of their systems. */
function ladderFigures({ rungs }: LadderOutcome): SystemFigures[] {
  const [first, last] = [rungs[0], rungs.at(-1)];
  const top = last?.withFirst ?? null;
  if (first === undefined || last === undefined || top === null) return [];
  return (['base', 'candidate'] as const).flatMap((side) =>
    metricFigures({
      name: (side === 'base' ? first : last).name,
      isSimulated: top[side].isSimulated,
      source: `medians over ${formatCountOf(top.runs.valid, 'round')}`,
      read: (metric) => rowOf(top, metric)?.[side] ?? null,
    }),
  );
}

/** The median of a rung. The first one is only a base, so its figure is in the comparison of the second with it. */
function rungFigure(
  rungs: readonly RungOutcome[],
  index: number,
  metric: string,
): { figure: number | null; unit: MetricUnit } {
  const rung = rungs[index === 0 ? 1 : index];
  const row = rowOf(rung?.withFirst ?? null, metric);
  return { figure: (index === 0 ? row?.base : row?.candidate) ?? null, unit: row?.unit ?? 'count' };
}

function rowOf(comparison: Comparison | null, metric: string): ComparisonRow | null {
  return comparison?.rows.find((row) => row.metric === metric) ?? null;
}

function metricSection(metric: string, id: string, ladder: LadderOutcome): PageSection {
  const isMeasured = ladder.rungs.some((_, i) => rungFigure(ladder.rungs, i, metric).figure !== null);
  const html = isMeasured
    ? markup`${waterfallFigure(metric, ladder)}${knobsFigure(metric, ladder)}`
    : markup`<p>No two rungs have results of the same round yet, so there is no figure.</p>`;
  return { id, title: metric, html };
}

function waterfallFigure(metric: string, { rungs }: LadderOutcome): Markup {
  const bars = rungs.map((rung, i) => {
    const { figure, unit } = rungFigure(rungs, i, metric);
    const before = rowOf(rung.withBefore, metric);
    const isJudged = rung.withBefore?.invalidReason === null && before !== null;
    const tone: Tone = i === 0 ? 'even' : isJudged ? TONE_OF_VERDICT[before.verdict] : 'void';
    const failed = rung.failed === 0 ? '' : `, ${rung.failed} of ${rung.runs} runs failed`;
    const shown = figure === null ? 'no figure' : formatFigure(figure, unit);
    const change =
      before?.changeShare == null ? '' : `, ${signedShare(before.changeShare)}, ${judged(rung.withBefore, before)}`;
    return { rung, figure, unit, before, tone, said: `${shown}${change}${failed}` };
  });
  const unit = bars.find(({ figure }) => figure !== null)?.unit ?? 'count';
  const drawn = {
    rungs: bars.map(({ rung, figure, tone, said }) => ({
      name: rung.name,
      note: rung.settings.join(', '),
      figure,
      tone,
      said,
    })),
    figureWords: (figure: number) => formatFigure(figure, unit),
  };
  return chartFigure({
    title: `Waterfall of ${metric}`,
    note: 'Medians. Each bar runs from the figure of the rung before to its own. Its colour is the verdict on the change: green improved, red regressed, pale not proven. The changes on the right are medians of the ratios within rounds.',
    draw: (width) =>
      waterfall(drawn, width, `Waterfall of ${metric} over ${rungs.length} rungs; the table below has the values`),
    headings: ['rung', 'figure', 'change against the one before', 'verdict', 'change against the first', 'verdict'],
    rows: bars.map(({ rung, figure, before }) => {
      const first = rowOf(rung.withFirst, metric);
      return [
        rung.name,
        figure === null ? '–' : formatFigure(figure, unit),
        before === null ? '–' : changeWithInterval(before),
        before === null ? '–' : judged(rung.withBefore, before),
        first === null ? '–' : changeWithInterval(first),
        first === null ? '–' : judged(rung.withFirst, first),
      ];
    }),
  });
}

/** If the whole comparison is invalid, so is each of its rows. */
function judged(comparison: Comparison | null, row: ComparisonRow): string {
  return comparison?.invalidReason === null ? verdictWords(row.verdict, row.lean) : 'invalid';
}

function knobsFigure(metric: string, { knobs }: LadderOutcome): Markup {
  const own = knobs.filter((knob) => knob.metric === metric);
  if (own.length === 0) return markup``;
  const marks = own.map((knob): AddedRemoved => {
    const { rung, addedShare, removedShare, verdict } = knob;
    return {
      name: rung,
      addedRatio: addedShare === null ? null : 1 + addedShare,
      removedRatio: removedShare === null || removedShare <= -1 ? null : 1 / (1 + removedShare),
      isInteraction: verdict === 'interaction',
      said: knobWords(knob),
    };
  });
  const share = (value: number | null): string => (value === null ? '–' : signedShare(value));
  const confidence = own.find(({ difference }) => difference !== null)?.difference?.confidence ?? null;
  return chartFigure({
    title: `Gain when added beside loss when removed: ${metric}`,
    note: `If a change works alike in both places, its marks coincide. Where they are apart by more than the smallest difference that matters, the change interacts with others and has no figure of its own.${confidence === null ? '' : ` Intervals have ${confidenceWords(confidence)} or more.`}`,
    draw: (width) =>
      addedRemovedPlot(
        marks,
        width,
        `Effect of each change on ${metric} when added and at the last rung; the table below has the values`,
      ),
    headings: ['change', 'when added', 'when removed from the last rung', 'gain against loss', 'verdict'],
    rows: own.map((knob) => [
      knob.rung,
      share(knob.addedShare),
      share(knob.removedShare),
      knob.difference === null
        ? '–'
        : `${signedShare(knob.difference.share)} (${signedShare(knob.difference.lowShare)} … ${signedShare(knob.difference.highShare)})`,
      knobWords(knob),
    ]),
  });
}

function failedHtml({ rungs }: LadderOutcome): Markup {
  const failed = rungs.filter((rung) => rung.failed > 0);
  if (failed.length === 0) return markup`<p>None.</p>`;
  return table(
    'Runs that failed',
    ['rung', 'failed', 'of runs', 'the first one'],
    failed.map((rung) => [rung.name, rung.failed, rung.runs, rung.failure ?? '–']),
    ['the first one'],
  );
}
