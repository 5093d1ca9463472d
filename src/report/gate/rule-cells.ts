/** The cells of a rule of a gate in Markdown, shared by the summary of a job and the comment on a pull request. */
import { formatFigure } from '../../analysis/comparison/format-figure.ts';
import type { GateVerdict, RuleOutcome } from '../../analysis/gate/gate-schema.ts';
import { signedShare } from '../comparison/comparison-cells.ts';

export const GATE_MARKS: Readonly<Record<GateVerdict, string>> = {
  passed: '✅',
  failed: '❌',
  invalid: '⚠️',
  inconclusive: '❔',
};

export const RULE_HEADINGS: readonly string[] = ['rule', 'outcome', 'figure', 'interval'];

/** One row, in the order of the headings; a missing value is a dash. */
export function ruleCells(rule: RuleOutcome): string[] {
  const figure = (value: number | null): string => {
    if (value === null) return '–';
    return rule.kind === 'relative' ? signedShare(value) : formatFigure(value, rule.unit);
  };
  return [
    rule.rule,
    `${GATE_MARKS[rule.outcome]} ${rule.outcome}`,
    figure(rule.figure),
    rule.low === null || rule.high === null ? '–' : `${figure(rule.low)} … ${figure(rule.high)}`,
  ];
}
