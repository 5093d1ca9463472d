/** Published figures beside those of a run: `published 230k logins/s: here 92.0k/s, 0.400 of it, not met (source)`. */
import { formatMetric } from '../../../analysis/comparison/format-figure.ts';
import { formatShare } from '../../../base/units.ts';
import { type AsPublished, asPublished } from '../../../result/as-published.ts';
import type { Result } from '../../../result/result-schema.ts';

/** A line for each figure that the scenario quotes. */
export function publishedLines(result: Result): string[] {
  return asPublished(result).map(publishedLine);
}

/** A published figure, what a run says to it, and its source. */
export function publishedLine(row: AsPublished): string {
  return `${row.figure}: ${ownWords(row)} (${row.source})`;
}

/** What the run says to a published figure, in words. */
export function ownWords({ metric, own, ratio, within, isMet }: AsPublished): string {
  if (metric === null) return 'no figure of a run to compare with';
  if (own === null) return 'here not measured';
  const times = ratio === null ? '' : `, ${ratio.toPrecision(3)} of it`;
  const verdict = isMet === null ? '' : isMet ? ', met' : ', not met';
  const distance =
    isMet === null || within === null ? '' : `: ${isMet ? '' : 'not '}within ${formatShare(within)} of it`;
  return `here ${formatMetric(metric, own)}${times}${verdict}${distance}`;
}
