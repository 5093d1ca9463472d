/** A gate as annotations of a GitHub job: lines that a step prints and GitHub shows at the top of the page. */
import type { GateOutcome, RuleOutcome } from '../../analysis/gate/gate-schema.ts';
import { printable } from '../text/printable.ts';

/** GitHub keeps ten annotations of a kind per step; one is left for other messages of the step. */
export const ANNOTATIONS_MAX = 9;

const LEVELS = { failed: 'error', invalid: 'error', inconclusive: 'warning' } as const;
type Unpassed = keyof typeof LEVELS;
const ORDER: readonly Unpassed[] = ['failed', 'invalid', 'inconclusive'];

/** At most nine lines, violations first; none for a gate that passed. */
export function gateAnnotations(gate: GateOutcome): string[] {
  const lines = ORDER.flatMap((outcome) =>
    gate.rules.filter((rule) => rule.outcome === outcome).map((rule) => annotation(rule, outcome)),
  );
  if (lines.length <= ANNOTATIONS_MAX) return lines;
  const kept = lines.slice(0, ANNOTATIONS_MAX - 1);
  const left = lines.length - kept.length;
  return [
    ...kept,
    `::warning title=${inProperty('trunkline gate')}::${inMessage(`and ${left} more rules, see the summary`)}`,
  ];
}

function annotation(rule: RuleOutcome, outcome: Unpassed): string {
  return `::${LEVELS[outcome]} title=${inProperty(`${outcome}: ${rule.rule}`)}::${inMessage(rule.sentence)}`;
}

/** One line, escaped as GitHub's own toolkit does for workflow commands: `%0A` would be an end of a line. */
function inMessage(text: string): string {
  return printable(text).replaceAll('%', '%25');
}

function inProperty(text: string): string {
  return inMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
