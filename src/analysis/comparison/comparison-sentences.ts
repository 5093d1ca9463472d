/** The sentences of a comparison. They never say "no change": a difference that was not detected may still exist. */
import type { ComparisonRow } from './comparison-schema.ts';
import { type DifferenceVerdict, verdictWords } from './difference-verdict.ts';

/** `2.0 % more`, `0.3 % less`. */
export function changeWords(share: number): string {
  const size = percentWords(Math.abs(share));
  return share === 0 ? 'the same' : `${size} ${share > 0 ? 'more' : 'less'}`;
}

/** `2.0 %`; without decimals from 100 %. */
export function percentWords(share: number): string {
  const percent = share * 100;
  return `${percent.toFixed(Math.abs(percent) < 99.95 ? 1 : 0)} %`;
}

/** `95.1 %`: with one decimal, since the confidence is rarely an integer. */
export function confidenceWords(confidence: number): string {
  return `${(confidence * 100).toFixed(1)} %`;
}

type Unsaid = Omit<ComparisonRow, 'sentence'>;

/** One metric: its change, interval and verdict. */
export function rowSentence(row: Unsaid): string {
  if (row.verdict === 'invalid') return `${row.metric}: ${row.gateRefusal ?? 'not comparable'}`;
  if (row.kind === 'exact') return `${row.metric}: ${exactWords(row)}`;
  const { changeShare, lowShare, highShare, confidence } = row;
  if (changeShare === null || lowShare === null || highShare === null || confidence === null) {
    return `${row.metric}: ${row.gateRefusal ?? 'no interval'}`;
  }
  const interval = `${confidenceWords(confidence)} interval ${signed(lowShare)} to ${signed(highShare)}`;
  const said = `${row.metric}: ${changeWords(changeShare)} (${interval})`;
  const refused = row.gateRefusal === null ? '' : `; ${row.gateRefusal}`;
  return `${said}: ${verdictPhrase(row)}${refused}`;
}

function verdictPhrase(row: Unsaid): string {
  const { verdict, lean, lowShare, highShare, smallestDetectableShare: detectable } = row;
  if (verdict === 'equivalent') return `equivalent, within ${percentWords(row.smallestDifferenceShare)}`;
  const isDetected = (lowShare ?? 0) > 0 || (highShare ?? 0) < 0;
  if (verdict !== 'inconclusive' || isDetected || detectable === null) return verdictWords(verdict, lean);
  return `${verdictWords(verdict, lean)}, a difference was not detected at this precision (smallest detectable about ${percentWords(detectable)})`;
}

function exactWords({ base, candidate, verdict, n }: Unsaid): string {
  if (verdict === 'equivalent') return `equal in all ${n}, ${base ?? '–'}`;
  return `${base ?? '–'} against ${candidate ?? '–'} (medians): ${verdict}`;
}

function signed(share: number): string {
  return `${share > 0 ? '+' : share < 0 ? '−' : ''}${percentWords(Math.abs(share))}`;
}

const HEADINGS: Readonly<Record<DifferenceVerdict, string>> = {
  improved: 'Improved',
  regressed: 'Regressed',
  equivalent: 'Equivalent',
  inconclusive: 'Inconclusive',
  invalid: 'Invalid',
};

/** The first sentence: the verdict, what decided it, and a summary of the other metrics. */
export function comparisonSentence(
  verdict: DifferenceVerdict,
  rows: readonly ComparisonRow[],
  reason: string | null,
): string {
  if (reason !== null) return `${HEADINGS[verdict]}: ${reason}.`;
  const gating = rows.filter((row) => row.role === 'gating');
  const deciding = gating.filter(
    (row) => row.verdict === verdict && (row.gateRefusal === null || verdict === 'invalid'),
  );
  const refused = gating.filter((row) => row.gateRefusal !== null && row.verdict !== 'invalid');
  const others = gating.filter((row) => !deciding.includes(row) && !refused.includes(row));
  const parts = [
    ...decidingWords(verdict, deciding),
    ...othersWords(others),
    ...refused.map((row) => `${row.metric} does not gate: ${row.gateRefusal ?? ''}`),
  ];
  return `${HEADINGS[verdict]}: ${parts.length > 0 ? parts.join('; ') : 'no metric was declared to decide'}.`;
}

/** If all rows are equivalent, their names are enough. */
function decidingWords(verdict: DifferenceVerdict, rows: readonly ComparisonRow[]): string[] {
  if (verdict !== 'equivalent' || rows.length < 2) return rows.map((row) => row.sentence);
  return [`no difference that matters in ${rows.map((row) => row.metric).join(', ')}`];
}

/** `other gating metrics: 3 equivalent, 1 improved`. */
function othersWords(rows: readonly ComparisonRow[]): string[] {
  if (rows.length === 0) return [];
  const counts = [...new Set(rows.map((row) => row.verdict))].map(
    (verdict) => `${rows.filter((row) => row.verdict === verdict).length} ${verdict}`,
  );
  return [`other gating metrics: ${counts.join(', ')}`];
}
