/** Guards that the HTTP load was as the scenario intends. */
import { formatShare } from '../../base/units.ts';
import type { Guard } from '../../result/result-schema.ts';
import type { HttpWindow } from '../record/http-window.ts';
import { atLeast } from './guard.ts';

/** As for messages of phones. */
export const HTTP_SENT_SHARE_MIN = 0.99;

/** Due requests that were sent, as a share of due requests. */
export function httpLoadGuard({ due, sent }: HttpWindow): Guard {
  const share = due === 0 ? 0 : Math.min(1, sent / due);
  return atLeast({
    name: 'HTTP load',
    figure: share,
    limit: HTTP_SENT_SHARE_MIN,
    found: `${formatShare(share)} of the HTTP requests that were due were sent`,
    allowed: `at least ${formatShare(HTTP_SENT_SHARE_MIN)}`,
    remedy: 'offer less (--set http.load.rate=…), or use more connections (--set http.load.connections=…)',
  });
}
