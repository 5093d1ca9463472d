/** A ladder as Markdown: the sentence, the climb, each knob added and removed, and what failed. */
import type { ComparisonRow } from '../analysis/comparison-outcome.ts';
import { formatFigure } from '../analysis/figures.ts';
import type { LadderOutcome, RungOutcome } from '../analysis/ladder.ts';
import { verdictWords } from '../analysis/verdict.ts';
import { signedShare } from './comparison-cells.ts';
import { escapeMarkdown, markdownTable } from './markdown.ts';

export function ladderMarkdown(ladder: LadderOutcome): string {
  const { name, description, scenario, sentence, metrics, pairs, rungs } = ladder;
  const failed = rungs.filter((rung) => rung.failed > 0);
  return [
    `# Ladder ${name}`,
    '',
    escapeMarkdown(description),
    '',
    `**${escapeMarkdown(sentence)}**`,
    '',
    `Scenario ${escapeMarkdown(scenario)}, ${pairs.run} of ${pairs.planned} rounds; in each round every rung and every variant once, in an order drawn by the seed and then backwards.`,
    '',
    '| rung | changes |',
    '|---|---|',
    ...rungs.map((rung) => `| ${escapeMarkdown(rung.name)} | ${escapeMarkdown(rung.settings.join(', '))} |`),
    ...metrics.flatMap((metric) => ['', `## ${metric}`, '', ...climb(metric, rungs), '', ...knobs(metric, ladder)]),
    ...(failed.length === 0 ? [] : ['', '## Failed', '']),
    ...failed.map(
      (rung) =>
        `- ${escapeMarkdown(`${rung.name}: ${rung.failed} of ${rung.runs} runs, the first: ${rung.failure ?? ''}`)}`,
    ),
    '',
  ].join('\n');
}

function climb(metric: string, rungs: readonly RungOutcome[]): string[] {
  const rows = rungs.map((rung, i) => {
    const before = rowOf(rung.withBefore?.rows, metric);
    const first = rowOf(rung.withFirst?.rows, metric);
    const own = i === 0 ? rowOf(rungs[1]?.withFirst?.rows, metric) : first;
    const figure = i === 0 ? own?.base : own?.candidate;
    const shown = own === null || figure === null || figure === undefined ? '–' : formatFigure(figure, own.unit);
    return [rung.name, shown, change(before), verdict(before), change(first), verdict(first)];
  });
  return markdownTable(['rung', 'figure', 'against the one before', 'verdict', 'against the first', 'verdict'], rows);
}

function knobs(metric: string, ladder: LadderOutcome): string[] {
  const share = (value: number | null): string => (value === null ? '–' : signedShare(value));
  const rows = ladder.knobs
    .filter((knob) => knob.metric === metric)
    .map((knob) => [
      knob.rung,
      share(knob.addedShare),
      share(knob.removedShare),
      knob.isInteraction ? 'interaction: no figure of its own' : '',
    ]);
  return markdownTable(['knob', 'change when added', 'change when removed from the last', ''], rows);
}

function rowOf(rows: readonly ComparisonRow[] | undefined, metric: string): ComparisonRow | null {
  return rows?.find((row) => row.metric === metric) ?? null;
}

function change(row: ComparisonRow | null): string {
  if (row === null || row.changeShare === null) return '–';
  if (row.lowShare === null || row.highShare === null) return signedShare(row.changeShare);
  return `${signedShare(row.changeShare)} (${signedShare(row.lowShare)} … ${signedShare(row.highShare)})`;
}

function verdict(row: ComparisonRow | null): string {
  return row === null ? '–' : verdictWords(row.verdict, row.lean);
}
