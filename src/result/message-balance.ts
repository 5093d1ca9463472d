/** The message balance of a run as text: how many were sent, and where they are. */
import { formatCount, formatCountOf } from '../base/units.ts';
import type { Result } from './result-schema.ts';

type Integrity = Result['integrity'];

/** For example `1,200 sent = 1,000 delivered + 200 queued + 0 rejected`. */
export function messageBalance({ isSound, sent, ...of }: Integrity): string {
  const { delivered, queued, rejected, forOffline, earlier } = of;
  const places = [
    `${formatCount(delivered)} delivered`,
    ...(queued === null ? [] : [`${formatCount(queued)} queued`]),
    `${formatCount(rejected)} rejected`,
    ...(forOffline === null ? [] : [`${formatCount(forOffline)} for phones that stay offline`]),
  ];
  const found = delivered + (queued ?? 0) + rejected + (forOffline ?? 0);
  const relation = isSound !== true ? 'against' : found < sent ? '≥' : '=';
  const before =
    earlier === 0 ? '' : `; in addition, ${formatCountOf(earlier, 'message')} from before this run arrived`;
  return `${formatCount(sent)} sent ${relation} ${places.join(' + ')}${before}`;
}
