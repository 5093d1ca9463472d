/** What tests of streams pass on: runs and intervals with figures of every kind. */
import fc from 'fast-check';
import type { RunEvent } from '../../result/series-schema.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import { madeInterval } from '../../verdict/record/made-interval.test-suite.ts';
import type { StreamedRun } from './stream.ts';

export const RUN: StreamedRun = {
  id: '20260101T000000Z-smoke-0001',
  scenario: 'smoke',
  transport: 'tcp',
  isSimulated: false,
  place: null,
};

/** An interval in which every figure is known. */
export const KNOWN: Interval = madeInterval({
  atSeconds: 12.5,
  held: 1000,
  loginsPerSecond: 10.5,
  messagesPerSecond: 200.1,
  sentPerSecond: 205.2,
  deliveriesPerSecond: 199.9,
  groupDeliveriesPerSecond: 40.5,
  presenceNoticesPerSecond: 30.5,
  stormDropsPerSecond: 2.5,
  returnsPerSecond: 1.5,
  deliveryP50Micros: 1500,
  deliveryP99Micros: 25_000,
  backlogMessages: 3,
  stealShare: 0.125,
  rssBytes: 3e8,
  switchRssBytes: 1e8,
  driverRssBytes: 2e8,
  kernelSocketBytes: 5e6,
  switchLedgerBytes: 4e6,
  driverLedgerBytes: 3e6,
  threads: [
    { name: 'shard-0', role: 'shard', busyShare: 0.5, collections: 2, pauseMicros: 1500 },
    { name: 'shard-1', role: 'shard', busyShare: 0.75, collections: 0, pauseMicros: 0 },
    { name: 'lane-0', role: 'lane', busyShare: 0.25, collections: 1, pauseMicros: 500 },
  ],
  early: {
    sendDelayP99Micros: 2000,
    messageFaults: 1,
    throttledPeriods: 2,
    swappedPages: 3,
    kernel: null,
    connectsStarted: 9,
  },
});

/** Texts that mean something to CSV, JSON, StatsD, Prometheus, HTML or a spreadsheet. */
export const AWKWARD: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('a,b', '"', 'line\nline', 'a\r\nb', '=1+1', '@x', 'a|b:c', '\\', '\\n"}', '<script>', '', 'Köln ✓'),
  fc.string({ maxLength: 20, unit: 'grapheme' }),
);

export const EVENTS: readonly RunEvent[] = [
  { atSeconds: 12, name: 'phase', detail: 'measure' },
  { atSeconds: 12.2, name: 'failed', detail: 'The process "x", ended' },
];
