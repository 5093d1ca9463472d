/** The section of a result about presence and typing, from the record of a run. */
import type { Presence } from '../result/sections/presence-schema.ts';
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import type { RunRecord } from './record/run-record.ts';
import { perSecond } from './record/window.ts';

/** Tables of the ledger that hold what is watched. */
const TABLES: readonly string[] = ['watches', 'sessions that watch', 'watched accounts', 'watches from other shards'];

/** Null if phones neither watch nor type. */
export function presencePart(record: RunRecord): Presence | null {
  const { settings, online } = record.order.plan;
  const { watch, background, typing } = settings.presence;
  if (watch === 0 && background === 0 && typing === 0) return null;
  const window = record.measured?.window;
  const onlineShare = online === 0 ? 0 : Math.min(1, record.heldAtMeasure / online);
  const { switch: ofSwitch, driver } = record.counters;
  const ledger = record.readings.at(-1)?.ledger.filter(({ name }) => TABLES.includes(name)) ?? [];
  const messages = (window?.driver('messagesDelivered') ?? 0) + (window?.driver('groupDeliveries') ?? 0);
  return {
    watch,
    subscriptions: ofSwitch['subscriptions'] ?? 0,
    watchesRefused: driver['watchesRefused'] ?? 0,
    changesPerSecond: perSecond(window, (one) => one.driver('presenceChanges')),
    noticesPerSecond: perSecond(window, (one) => one.driver('presenceNotices')),
    expectedNoticesPerSecond: perSecond(
      window,
      (one) => one.driver('watchesSent') + one.driver('presenceChanges') * watch * onlineShare * watcherShare(settings),
    ),
    noticesPerMessage: window === undefined || messages === 0 ? null : window.driver('presenceNotices') / messages,
    coalesced: ofSwitch['presenceCoalesced'] ?? 0,
    shed: ofSwitch['presenceShed'] ?? 0,
    typingSentPerSecond: perSecond(window, (one) => one.driver('typingSent')),
    typingReceivedPerSecond: perSecond(window, (one) => one.driver('typingReceived')),
    typingShed: ofSwitch['typingShed'] ?? 0,
    bytes: ledger.reduce((sum, { rowBytes, rowsUsed }) => sum + rowBytes * rowsUsed, 0),
  };
}

/** Share of the phones that watch: `presence.watchers` of those whose protocol has presence. */
function watcherShare({ platforms, presence }: ScenarioSettings): number {
  if (platforms.length === 0) return presence.watchers;
  return presence.watchers * platforms.reduce((sum, { share, minor }) => sum + share * minor, 0);
}
