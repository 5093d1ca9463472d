/** Guards that the HTTP load was as the scenario intends, and was answered truthfully. */
import { formatCount, formatShare } from '../../base/units.ts';
import type { Guard } from '../../result/result-schema.ts';
import type { HttpAnswers } from '../record/http-answers.ts';
import type { HttpWindow } from '../record/http-window.ts';
import { atLeast, judged, unknown } from './guard-reading.ts';

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

/**
 * Compares the messages in answers 201 with those that the gateway has seen acknowledged. Those in turn are in the
 * balance with what phones have received, so that together they say that what HTTP clients were told has happened.
 *
 * @param gateway its counters by name, at rest.
 */
export function httpAnswersGuard(answers: HttpAnswers, gateway: Readonly<Record<string, number>>): Guard {
  const name = 'HTTP answers';
  const { read, unreadable, withoutOutcome, sent, low, high } = answers;
  const acknowledged = gateway['messagesAcknowledged'] ?? 0;
  const isSame = low === gateway['digestAcknowledgedLow'] && high === gateway['digestAcknowledgedHigh'];
  const counts = `${formatCount(read)} answers 201 name a message, ${formatCount(acknowledged)} messages by HTTP were accepted`;
  const hasOthers = (gateway['messagesSent'] ?? 0) > sent;
  const missing = acknowledged - read;
  if (unreadable === 0 && missing > 0 && (hasOthers || missing <= withoutOutcome)) {
    const why = hasOthers ? 'other clients sent some of them' : 'connections broke or answers came too late';
    return unknown(name, `${counts}: ${why}, so the two cannot be compared`);
  }
  const figure = unreadable + Math.abs(missing) + (missing === 0 && !isSame ? 1 : 0);
  const differing = missing === 0 && !isSame ? ', but they are not the same messages' : '';
  const without = unreadable === 0 ? '' : `, ${formatCount(unreadable)} answers 201 name none`;
  return judged(
    {
      name,
      figure,
      limit: 0,
      found: `${counts}${without}${figure === 0 ? ', and they are the same' : differing}`,
      allowed: 'none may differ',
      remedy: 'the fault is in the HTTP side of the switch',
    },
    figure === 0 ? 'ok' : 'invalid',
  );
}
