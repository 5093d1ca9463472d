/** A gate as text: its verdict, one line per rule, and the comparison on which the relative rules are based. */
import type { GateOutcome, GateVerdict } from '../../analysis/gate/gate-schema.ts';
import { comparisonTable } from '../comparison/comparison-table.ts';
import type { Palette } from '../text/palette.ts';

const MARKS: Readonly<Record<GateVerdict, string>> = { passed: '✓', failed: '✗', invalid: '!', inconclusive: '?' };

export function gateText(gate: GateOutcome, palette: Palette): string {
  const colours: Readonly<Record<GateVerdict, (text: string) => string>> = {
    passed: palette.good,
    failed: palette.bad,
    invalid: palette.bad,
    inconclusive: palette.warning,
  };
  return [
    colours[gate.outcome](gate.sentence),
    ...gate.rules.map(({ outcome, sentence }) => colours[outcome](`  ${MARKS[outcome]} ${sentence}`)),
    ...(gate.comparison === null ? [] : ['', comparisonTable(gate.comparison, palette)]),
  ].join('\n');
}
