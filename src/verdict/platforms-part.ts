/** The section of a result about platforms, from the counters and latencies of the driver. */
import type { PlatformFigures } from '../result/sections/platforms-schema.ts';
import { Histogram } from '../stats/histogram.ts';
import { PROTOCOL_MAJOR } from '../wire/frames.ts';
import { latencySummary } from './latency-summary.ts';
import type { RunRecord } from './record/run-record.ts';

export function platformsPart({ order, counters, measured }: RunRecord): PlatformFigures[] {
  const latencies = measured?.window.platformLatencies() ?? [];
  return order.plan.settings.platforms.map(({ name, share, minor }, place) => {
    const of = (kind: 'Held' | 'Sessions' | 'Pushes' | 'Woken' | 'Sent' | 'Delivered'): number =>
      counters.driver[`platform${kind}${place}`] ?? 0;
    const { delivery, storedDelivery } = latencies[place] ?? {};
    return {
      name,
      share,
      protocol: `${PROTOCOL_MAJOR}.${minor}`,
      connections: of('Held'),
      sessions: of('Sessions'),
      pushes: of('Pushes'),
      woken: of('Woken'),
      messagesSent: of('Sent'),
      messagesDelivered: of('Delivered'),
      delivery: latencySummary(delivery ?? new Histogram()),
      storedDelivery: latencySummary(storedDelivery ?? new Histogram()),
    };
  });
}
