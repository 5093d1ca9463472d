/** Platforms in the summary of a run: a line for each. */
import { formatCount, formatCountOf, formatShare } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { PlatformFigures } from '../../../result/sections/platforms-schema.ts';
import { deliveriesOf } from '../disturbances/storm-lines.ts';

export function platformLines({ platforms }: Result): string[] {
  return platforms.map(
    (one) =>
      `${one.name}, ${formatShare(one.share)} of phones, protocol ${one.protocol}: ${formatCount(one.connections)} online, ${formatCountOf(one.sessions, 'session')}${pushesOf(one)}, ` +
      `${formatCountOf(one.messagesSent, 'message')} sent, ${formatCount(one.messagesDelivered)} delivered; ` +
      `to phones online ${deliveriesOf(one.delivery)}; that waited ${deliveriesOf(one.storedDelivery)}`,
  );
}

function pushesOf({ pushes, woken }: PlatformFigures): string {
  return pushes === 0 ? '' : ` (${formatCount(woken)} after a push of ${formatCount(pushes)})`;
}
