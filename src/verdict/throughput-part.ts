/**
 * The section of a result about rates: of logins and messages, how logins rise and fall over the day of a curve, and
 * what waits in mailboxes.
 */
import type { Result } from '../result/result-schema.ts';
import type { Interval } from './record/interval.ts';
import type { RunRecord } from './record/run-record.ts';
import { dueMessages, type Window } from './record/window.ts';

type Throughput = Result['throughput'];

/** In so many parts of the measurement logins are counted: single intervals have too few, which differ by chance. */
const PARTS_OF_A_DAY = 10;

export function throughputPart(record: RunRecord): Throughput {
  const { ramp, measured } = record;
  const arrived = record.readings.at(-1)?.connections ?? 0;
  const loginsPerSecond = ramp === null || arrived === 0 ? null : arrived / (ramp.arrivingMicros / 1e6);
  const window = measured?.window;
  if (window === undefined) {
    return {
      loginsPerSecond,
      offeredMessagesPerSecond: null,
      messagesPerSecond: null,
      deliveriesPerSecond: null,
      completeMessagesPerSecond: null,
      framesPerSecond: null,
      measuredLoginsPerSecond: null,
      loginsHighestPerSecond: null,
      loginsLowestPerSecond: null,
      storedMessagesPerLogin: null,
      queuedMessagesPeak: null,
      unansweredMessagesPeak: null,
      measuredSeconds: null,
    };
  }
  const rate = (amount: number): number => amount / window.seconds;
  return {
    loginsPerSecond,
    offeredMessagesPerSecond: rate(dueMessages(window)),
    messagesPerSecond: rate(window.driver('messagesAcknowledged')),
    deliveriesPerSecond: rate(window.driver('messagesDelivered') + window.driver('groupDeliveries')),
    completeMessagesPerSecond: rate(window.driver('receipts')),
    framesPerSecond: record.order.hasSwitch ? rate(window.switch('framesIn') + window.switch('framesOut')) : null,
    measuredLoginsPerSecond: rate(window.driver('loginsAccepted')),
    ...loginsOverTheDay(record),
    storedMessagesPerLogin: storedMessagesPerLogin(window),
    queuedMessagesPeak: record.order.hasSwitch ? (record.series?.peakQueued ?? null) : null,
    unansweredMessagesPeak: record.series?.peakUnanswered ?? null,
    measuredSeconds: window.seconds,
  };
}

/** Null without a curve, and where the measurement has too few intervals. */
function loginsOverTheDay({
  order,
  series,
}: RunRecord): Pick<Throughput, 'loginsHighestPerSecond' | 'loginsLowestPerSecond'> {
  const intervals = (series?.intervals ?? []).filter(({ phase }) => phase === 'measure');
  if (order.plan.settings.curve.hours.length === 0 || intervals.length < PARTS_OF_A_DAY)
    return { loginsHighestPerSecond: null, loginsLowestPerSecond: null };
  const rates = Array.from({ length: PARTS_OF_A_DAY }, (_, part) => {
    const [from, to] = [part, part + 1].map((end) => Math.floor((end * intervals.length) / PARTS_OF_A_DAY));
    return meanLogins(intervals.slice(from, to));
  });
  return { loginsHighestPerSecond: Math.max(...rates), loginsLowestPerSecond: Math.min(...rates) };
}

/** Intervals may differ in length. */
function meanLogins(intervals: readonly Interval[]): number {
  const seconds = intervals.reduce((sum, interval) => sum + interval.seconds, 0);
  return intervals.reduce((sum, interval) => sum + interval.loginsPerSecond * interval.seconds, 0) / seconds;
}

/** Null if no phone logged in. */
function storedMessagesPerLogin(window: Window): number | null {
  const logins = window.driver('loginsAccepted');
  return logins === 0 ? null : window.latency('storedDelivery').count / logins;
}
