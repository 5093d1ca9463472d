/** The section of a result about content, from the record of a run. */
import { DRIVER_COUNTERS, type DriverCounterName } from '../driver/terms/driver-counters.ts';
import type { Content, ReadReceipts } from '../result/sections/content-schema.ts';
import { hasReads } from '../scenario/terms/has-reads.ts';
import type { SwitchCounterName } from '../switch/terms/switch-counters.ts';
import type { RunRecord } from './record/run-record.ts';
import { perSecond } from './record/window.ts';

/** A counter for each kind; those of no kind stay 0. */
const STORED = DRIVER_COUNTERS.filter((name) => name.startsWith('kindBlobBytes'));

/** Null if all messages are alike, and nobody reads. */
export function contentPart(record: RunRecord): Content | null {
  const { order, counters, measured } = record;
  const { kinds, readReceipts } = order.plan.settings.content;
  if (kinds.length === 0 && !hasReads(readReceipts)) return null;
  const of = (name: string): number => counters.driver[name] ?? 0;
  return {
    readReceipts: hasReads(readReceipts) ? readReceiptsPart(record) : null,
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

/** Counts are those of the whole run, at rest: what the switch took has gone somewhere. */
function readReceiptsPart({ counters, measured }: RunRecord): ReadReceipts {
  const driver = (name: DriverCounterName): number => counters.driver[name] ?? 0;
  const ofSwitch = (name: SwitchCounterName): number => counters.switch[name] ?? 0;
  const [sent, received] = [driver('readsSent'), driver('readReceipts')];
  const [taken, passedOn, shed] = [ofSwitch('reads'), ofSwitch('readReceipts'), ofSwitch('readReceiptsShed')];
  const queued = ofSwitch('readReceiptsQueued');
  const unwanted = ofSwitch('readReceiptsUnwanted');
  const dropped = ofSwitch('readReceiptsDropped');
  const timed = driver('readReceiptsTimed');
  return {
    sent,
    received,
    receivedPerSecond: perSecond(measured?.window, (one) => one.driver('readReceipts')),
    meanMicros: timed === 0 ? null : driver('readReceiptMicros') / timed,
    missed: driver('readsMissed'),
    stored: ofSwitch('readReceiptsStored'),
    queued,
    unwanted,
    dropped,
    shed,
    lostWithConnections: Math.max(0, sent - taken - shed) + Math.max(0, passedOn - received),
    lost: Math.max(0, taken - passedOn - unwanted - dropped - queued),
  };
}
