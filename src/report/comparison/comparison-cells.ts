/** The cells of a comparison's rows, shared by its table, its Markdown and the summaries for CI. */
import type { Comparison, ComparisonRow } from '../../analysis/comparison/comparison-schema.ts';
import { percentWords } from '../../analysis/comparison/comparison-sentences.ts';
import { verdictWords } from '../../analysis/comparison/difference-verdict.ts';
import { formatFigure } from '../../analysis/comparison/format-figure.ts';
import { GUARD_NAMES } from '../../result/guard-names.ts';

export const COMPARISON_HEADINGS: readonly string[] = [
  'metric',
  'base',
  'candidate',
  'change',
  'interval',
  'noise floor',
  'n',
  'verdict',
];

/** Rows that only describe; none where no run was valid, since all of them would be empty. */
export function descriptiveRows({ rows, runs }: Comparison): ComparisonRow[] {
  return runs.valid === 0 ? [] : rows.filter(({ role }) => role === 'descriptive');
}

/** One row, in the order of the headings; a missing value is a dash. */
export function comparisonCells(row: ComparisonRow): string[] {
  const figure = (value: number | null): string => (value === null ? '–' : formatFigure(value, row.unit));
  const interval =
    row.lowShare === null || row.highShare === null
      ? '–'
      : `${signedShare(row.lowShare)} … ${signedShare(row.highShare)}`;
  return [
    row.metric,
    figure(row.base),
    figure(row.candidate),
    row.changeShare === null ? '–' : signedShare(row.changeShare),
    interval,
    row.noiseFloorShare === null ? '–' : percentWords(row.noiseFloorShare),
    String(row.n),
    verdictCell(row),
  ];
}

/** A refusal replaces the verdict. */
function verdictCell(row: ComparisonRow): string {
  const words = verdictWords(row.verdict, row.lean);
  if (row.gateRefusal === null) return words;
  return row.changeShare === null
    ? `${row.verdict}: ${row.gateRefusal}`
    : `${words}, does not gate: ${row.gateRefusal}`;
}

/** What was compared, on which machine, and what was dropped: one sentence each. */
export function comparisonNotes(comparison: Comparison): string[] {
  const { base, candidate, runs, method, scenarioDifferences, environmentDifferences } = comparison;
  const unit = method === 'paired' ? 'pairs' : 'runs';
  const simulated = [base, candidate].filter((side) => side.isSimulated).map((side) => side.name);
  const differences = [...scenarioDifferences, ...environmentDifferences].map(
    ({ name, values }) => `${name}: ${values.join(' against ')}`,
  );
  const meaning =
    method === 'paired'
      ? 'the Hodges–Lehmann estimate of the ratios within pairs'
      : 'the Hodges–Lehmann estimate of the ratios of all runs';
  return [
    `${base.name} against ${candidate.name}, scenario ${candidate.scenario}, transport ${transports(comparison)}; ${method}; ${candidate.machineClass}`,
    `${runs.valid} of ${runs.planned} ${unit} valid, ${runs.dropped.length} ${runs.dropped.length === 1 ? 'run' : 'runs'} dropped${runs.dropped.length > 0 ? `: ${droppedWords(comparison)}` : ''}`,
    ...(simulated.length > 0
      ? [`simulated in ${simulated.join(' and ')}: phones are rows in memory, no kernel sockets`]
      : []),
    ...(differences.length > 0 ? [`differs in ${differences.join('; ')}`] : []),
    `base and candidate are medians; change is ${meaning}, with its interval`,
  ];
}

function transports({ base, candidate }: Comparison): string {
  return base.transport === candidate.transport ? base.transport : `${base.transport} against ${candidate.transport}`;
}

/** Dropped runs that are listed; a longer list is in the JSON. */
const DROPPED_NAMED_MAX = 5;

function droppedWords({ runs, method }: Comparison): string {
  const unit = method === 'paired' ? 'pair' : 'run';
  const said = new Set<string>();
  const named = runs.dropped.slice(0, DROPPED_NAMED_MAX).map(({ pair, side, reason }) => {
    const guard = GUARD_NAMES.find((name) => reason.startsWith(name));
    const words = guard !== undefined && said.has(guard) ? guard : reason; // what it found is said once
    if (guard !== undefined) said.add(guard);
    return `${unit} ${pair}, ${side}: ${words}`;
  });
  const left = runs.dropped.length - named.length;
  return [...named, ...(left > 0 ? [`and ${left} more`] : [])].join('; ');
}

/** `+2.0 %`, `−0.3 %`. */
export function signedShare(share: number): string {
  const size = percentWords(Math.abs(share));
  const sign = /[1-9]/.test(size) ? (share > 0 ? '+' : '−') : ''; // what is rounded to nothing has no sign
  return `${sign}${size}`;
}
