/** A gate as the summary of a GitHub job: its verdict, one row per rule, and the comparison in a collapsed section. */
import { confidenceWords } from '../../analysis/comparison/comparison-sentences.ts';
import { formatFigure } from '../../analysis/comparison/format-figure.ts';
import type { GateOutcome, GateVerdict, RuleOutcome } from '../../analysis/gate/gate-schema.ts';
import { signedShare } from '../comparison/comparison-cells.ts';
import { comparisonMarkdown } from '../comparison/comparison-markdown.ts';
import { escapeMarkdown, markdownTable } from '../text/markdown.ts';

/** GitHub rejects a step summary above 1 MiB entirely, so a longer one is cut before that. */
export const SUMMARY_BYTES_MAX = 1_000_000;
const CUT = 'The rest was cut off to stay within what GitHub shows; the JSON has all of it.';
const MARKS: Readonly<Record<GateVerdict, string>> = { passed: '✅', failed: '❌', invalid: '⚠️', inconclusive: '❔' };

export function gateStepSummary(gate: GateOutcome): string {
  const lines = [
    `## ${MARKS[gate.outcome]} Gate of ${escapeMarkdown(gate.scenario)}`,
    '',
    escapeMarkdown(gate.sentence),
    '',
    escapeMarkdown(
      `${gate.runs} runs, looks at ${gate.looks.join(' and ')}, confidence ${confidenceWords(gate.confidence)}; ${gate.machineClass}`,
    ),
    '',
    ...markdownTable(['rule', 'outcome', 'figure', 'interval', 'in words'], gate.rules.map(ruleCells)),
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

function ruleCells(rule: RuleOutcome): string[] {
  const figure = (value: number | null): string => {
    if (value === null) return '–';
    return rule.kind === 'relative' ? signedShare(value) : formatFigure(value, rule.unit);
  };
  return [
    rule.rule,
    `${MARKS[rule.outcome]} ${rule.outcome}`,
    figure(rule.figure),
    rule.low === null || rule.high === null ? '–' : `${figure(rule.low)} … ${figure(rule.high)}`,
    rule.sentence,
  ];
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
