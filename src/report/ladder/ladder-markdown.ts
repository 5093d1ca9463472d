/**
 * A ladder as Markdown: the sentence, the conditions, the rungs, each change when added and when removed, and failed
 * runs.
 */
import type { LadderOutcome } from '../../analysis/ladder/ladder-schema.ts';
import { escapeMarkdown, markdownTable } from '../text/markdown.ts';
import {
  failedRungs,
  KNOB_HEADINGS,
  ladderKnobRows,
  ladderNotes,
  ladderRungRows,
  RUNG_HEADINGS,
} from './ladder-rows.ts';

export function ladderMarkdown(ladder: LadderOutcome): string {
  const { name, description, sentence, metrics, rungs } = ladder;
  const failed = failedRungs(ladder);
  return [
    `# Ladder ${escapeMarkdown(name)}`,
    '',
    escapeMarkdown(description),
    '',
    `**${escapeMarkdown(sentence)}**`,
    '',
    ...ladderNotes(ladder).map((note) => `- ${escapeMarkdown(note)}`),
    '',
    '| rung | adds |',
    '|---|---|',
    ...rungs.map((rung) => `| ${escapeMarkdown(rung.name)} | ${escapeMarkdown(rung.settings.join(', '))} |`),
    ...metrics.flatMap((metric) => [
      '',
      `## ${escapeMarkdown(metric)}`,
      '',
      ...markdownTable(RUNG_HEADINGS, ladderRungRows(metric, rungs)),
      '',
      ...markdownTable(KNOB_HEADINGS, ladderKnobRows(metric, ladder)),
    ]),
    ...(failed.length === 0 ? [] : ['', '## Runs that failed', '']),
    ...failed.map((one) => `- ${escapeMarkdown(one)}`),
    '',
  ].join('\n');
}
