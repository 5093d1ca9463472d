/** What one's own figures say to published ones, in words. */
import { formatMetric } from '../../analysis/comparison/format-figure.ts';
import { formatShare } from '../../base/units.ts';
import type { AsPublished } from '../../result/as-published.ts';

/** For example `230k logins/s: here 92.0k/s, 0.400 of it, not met (source)`. */
export function publishedText(row: AsPublished): string {
  return `${row.figure}: ${ownWords(row)} (${row.source})`;
}

/** The own figure, what it is divided by the published one, and whether it is as good or as near as it should be. */
export function ownWords({ metric, own, ratio, within, isMet }: AsPublished): string {
  if (metric === null) return 'no figure of a run to compare with';
  if (own === null) return 'here not measured';
  const times = ratio === null ? '' : `, ${ratio.toPrecision(3)} of it`;
  const verdict = isMet === null ? '' : isMet ? ', met' : ', not met';
  const distance =
    isMet === null || within === null ? '' : `: ${isMet ? '' : 'not '}within ${formatShare(within)} of it`;
  return `here ${formatMetric(metric, own)}${times}${verdict}${distance}`;
}
