/** A gate as the summary of a GitHub job: its verdict, one row per rule, and the comparison in a collapsed section. */

import { confidenceWords } from '../../analysis/comparison/comparison-sentences.ts';
import type { GateOutcome } from '../../analysis/gate/gate-schema.ts';
import { formatCountOf } from '../../base/units.ts';
import { comparisonMarkdown } from '../comparison/comparison-markdown.ts';
import { escapeMarkdown, markdownTable } from '../text/markdown.ts';
import { GATE_MARKS, RULE_HEADINGS, ruleCells } from './rule-cells.ts';

/** GitHub rejects a step summary above 1 MiB entirely, so a longer one is cut before that. */
export const SUMMARY_BYTES_MAX = 1_000_000;
const CUT = 'The rest was cut off to stay within what GitHub shows; the JSON has all of it.';

export function gateStepSummary(gate: GateOutcome): string {
  const lines = [
    `## ${GATE_MARKS[gate.outcome]} Gate of ${escapeMarkdown(gate.scenario)}`,
    '',
    escapeMarkdown(gate.sentence),
    '',
    escapeMarkdown(
      `${formatCountOf(gate.runs, 'run')}, looks at ${gate.looks.join(' and ')}, confidence ${confidenceWords(gate.confidence)}; ${gate.machineClass}`,
    ),
    '',
    ...markdownTable(
      [...RULE_HEADINGS, 'in words'],
      gate.rules.map((rule) => [...ruleCells(rule), rule.sentence]),
    ),
    '',
    ...(gate.comparison === null
      ? []
      : [
          '<details><summary>Comparison</summary>',
          '',
          ...comparisonMarkdown(gate.comparison).split('\n'),
          '</details>',
          '',
        ]),
  ];
  return withinLimit(lines);
}

/** As many whole lines from the top as fit. */
function withinLimit(lines: readonly string[]): string {
  const encoder = new TextEncoder();
  const bytesOf = (line: string): number => encoder.encode(line).length + 1;
  let left = SUMMARY_BYTES_MAX - bytesOf(CUT) - 1;
  const kept: string[] = [];
  for (const line of lines) {
    left -= bytesOf(line);
    if (left < 0) return [...kept, '', CUT, ''].join('\n');
    kept.push(line);
  }
  return kept.join('\n');
}
