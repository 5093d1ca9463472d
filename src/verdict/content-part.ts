/** The section of a result about content, from the record of a run. */
import { DRIVER_COUNTERS } from '../driver/driver-counters.ts';
import type { Content } from '../result/sections/content-schema.ts';
import type { RunRecord } from './record/run-record.ts';
import { perSecond } from './record/window.ts';

/** A counter for each kind; those of no kind stay 0. */
const STORED = DRIVER_COUNTERS.filter((name) => name.startsWith('kindBlobBytes'));

/** Null if all messages are alike. */
export function contentPart({ order, counters, measured }: RunRecord): Content | null {
  const { kinds } = order.plan.settings.content;
  if (kinds.length === 0) return null;
  const of = (name: string): number => counters.driver[name] ?? 0;
  return {
    kinds: kinds.map(({ name, share, blob }, place) => {
      const messages = of(`kindMessages${place}`);
      const mean = (bytes: number): number | null => (messages === 0 ? null : bytes / messages);
      return {
        name,
        share,
        messages,
        payloadBytesMean: mean(of(`kindPayloadBytes${place}`)),
        blobBytesMean: blob === undefined ? null : mean(of(`kindBlobBytes${place}`)),
      };
    }),
    blobBytesStoredPerSecond: perSecond(measured?.window, (one) =>
      STORED.reduce((sum, name) => sum + one.driver(name), 0),
    ),
    blobBytesFetchedPerSecond: perSecond(measured?.window, (one) => one.driver('blobBytesFetched')),
  };
}
