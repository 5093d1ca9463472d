/** The section of a result about overload, from the record of a run. */
import type { Overload } from '../result/sections/overload-schema.ts';
import type { Histogram } from '../stats/histogram.ts';
import type { RunRecord } from './record/run-record.ts';
import { SHED_KINDS } from './record/shed-times.ts';
import { dueMessages, perSecond, type Window } from './record/window.ts';

/** Null if the run neither sheds nor has work per message. */
export function overloadPart(record: RunRecord): Overload | null {
  const { settings } = record.order.plan;
  const { admission, workPerMessage } = settings.switch;
  const delayMicros = Number.isFinite(admission.delay) ? admission.delay : null;
  if (delayMicros === null && workPerMessage === 0) return null;
  const withinMicros = settings.traffic.deliverWithin;
  const window = record.measured?.window;
  const counters = record.counters.switch;
  return {
    delayMicros,
    workMicrosPerMessage: workPerMessage,
    withinMicros,
    offeredPerSecond: perSecond(window, dueMessages),
    goodputPerSecond: perSecond(window, (one) => deliveredWithin(one, withinMicros)),
    refusedPerSecond: perSecond(window, (one) => one.driver('rejectedOverloaded')),
    shed: SHED_KINDS.map(({ kind, counter, micros }) => {
      const times = record.series?.shedTimes?.get(kind);
      return {
        kind,
        count: counters[counter] ?? 0,
        shardSeconds: (counters[micros] ?? 0) / 1e6,
        firstSeconds: times?.firstSeconds ?? null,
        lastSeconds: times?.lastSeconds ?? null,
      };
    }),
  };
}

/**
 * Messages that were delivered within this time of their due time, to phones that were online and to those that were
 * not.
 */
function deliveredWithin(window: Window, micros: number): number {
  return countWithin(window.latency('delivery'), micros) + countWithin(window.latency('storedDelivery'), micros);
}

function countWithin(histogram: Histogram, micros: number): number {
  let within = 0;
  histogram.forEach((value, count) => {
    if (value <= micros) within += count;
  });
  return within;
}
