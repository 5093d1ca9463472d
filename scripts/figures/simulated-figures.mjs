// Figures of results/reference/README.md that were measured over memory: the switch without sockets, and its store.
import {
  about,
  bytes,
  change,
  completeRate,
  count,
  delivery,
  groupDelivery,
  groupMessages,
  list,
  machines,
  micros,
  millis,
  percent,
  restored99,
  restoredAndPeak,
  seconds,
  sentAndUnsound,
  serverRates,
  times,
  trialAtBound,
  unsound,
  unsoundOfEach,
  validity,
} from './figure-formats.mjs';

/** Rows from a search for the largest share of WhatsApp's rates that is carried. */
const peakRows = (name, watchers) => ({
  [`${watchers}: share of all rates that is carried, with 147 million phones connected`]: {
    from: [name],
    figure: ({ bounds, ownLoad }) => (bounds.lowerLoad / ownLoad).toFixed(3),
  },
  [`${watchers}: smallest share that was tried and is not carried, and why`]: {
    from: [name],
    figure: ({ bounds: { upperLoad, unmeasurableLoad }, ownLoad, limitedBy: [broken] }) =>
      broken === undefined
        ? `${(unmeasurableLoad / ownLoad).toFixed(3)}: its trials were not valid, the lane was too busy`
        : `${(upperLoad / ownLoad).toFixed(3)}: ${broken.sentence}`,
  },
  [`${watchers}: messages in, deliveries, logins, presence notices per second at that share`]: {
    from: [name],
    figure: (search) => {
      const { carriedLoad, deliveriesPerSecond, loginsPerSecond, noticesPerSecond } = trialAtBound(search);
      return list([carriedLoad, deliveriesPerSecond, loginsPerSecond, noticesPerSecond].map(about));
    },
  },
  [`${watchers}: delivery p50, p99; busy share of the shard, of the lane`]: {
    from: [name],
    figure: (search) => {
      const { deliveryP50Micros, deliveryP99Micros, switchBusyShare, driverBusyShare } = trialAtBound(search);
      return list([
        ...[deliveryP50Micros, deliveryP99Micros].map(millis),
        ...[switchBusyShare, driverBusyShare].map((share) => percent(share, 0)),
      ]);
    },
  },
});
/** Steps of storm-1m beside the one with full jitter. */
const OTHER_STORMS = ['storm-1m-no-jitter', 'storm-1m-decorrelated', 'storm-1m-admitted', 'storm-1m-half'];
/** A row from the benchmark of the store. */
const storeRow = (figure) => ({ from: ['store'], figure: ({ benchmark }) => figure(benchmark.figures) });
const acknowledged = (p50Micros, p99Micros, toSyncP50, toSyncP99) =>
  `${list([p50Micros, p99Micros].map(millis))}: the p99 is ${times(toSyncP50)} the p50 of one sync, ${times(toSyncP99)} its p99`;

const SIMULATED_RATES = {
  'complete messages per second, 1 M phones, two shards and two lanes, saturated': {
    from: ['million-saturated'],
    figure: (run) => about(completeRate(run)),
  },
  'logins per second': {
    from: ['benchmarks'],
    figure: ({ figures }) => about(figures.whole.loginsPerSecond),
  },
};
const MEMORY_ROWS = {
  ...SIMULATED_RATES,
  'complete messages per second, 1 M phones, one shard and one lane, saturated': {
    from: ['benchmarks'],
    figure: ({ figures }) => about(figures.whole.oneShardOneLaneCompleteMessagesPerSecond),
  },
  'processor time per message, 100 M phones against 1 M: a million of them active, all active': {
    from: ['benchmarks'],
    figure: ({ figures: { scale } }) =>
      list([change(scale.growthWithoutCacheMisses), `${change(scale.growthWithCacheMisses)} (cache misses)`]),
  },
};
const HALF_LOAD = {
  'delivery p50, p99 at 200,000 messages per second': {
    from: ['million-half-load'],
    figure: ({ latency }) => list([millis(latency.delivery.p50Micros), millis(latency.delivery.p99Micros)]),
  },
};

/** Figures tables by first header cell. */
export const SIMULATED_TABLES = {
  'transport memory, simulated': {
    ...MEMORY_ROWS,
    ...HALF_LOAD,
    'switch tables per idle session': {
      from: ['million-half-load'],
      figure: ({ memory }) => bytes(memory.switch.ledger.bytesPerConnection),
    },
    'driver tables per phone': {
      from: ['million-half-load'],
      figure: ({ memory }) => bytes(memory.driver.ledger.bytesPerConnection),
    },
    'phones held at once': { from: ['benchmarks'], figure: ({ figures }) => count(figures.scale.phonesHeld) },
    'processor time per message, both sides: 1 M phones; 100 M, a million active; 100 M, all active': {
      from: ['benchmarks'],
      figure: ({ figures: { scale } }) =>
        list(
          [
            scale.millionMicrosPerMessage,
            scale.hundredMillionMillionActiveMicrosPerMessage,
            scale.hundredMillionMicrosPerMessage,
          ].map(micros),
        ),
    },
    'messages lost, duplicated or reordered': {
      from: ['million-saturated', 'million-half-load', 'benchmarks'],
      figure: (saturated, half, { figures: { scale, whole } }) =>
        count(unsound(saturated) + unsound(half) + scale.lostDuplicatedReordered + whole.lostDuplicatedReordered),
    },
    machine: { from: ['million-saturated', 'million-half-load'], figure: machines },
  },
  'transport memory, groups, simulated': {
    'deliveries per second, a million phones in 4,000 groups of 256': {
      from: ['fan-out-1M'],
      figure: ({ groups, ...run }) => `${about(groups.deliveriesPerSecond)} (${validity(run)})`,
    },
    'delivery to members, p50, p99': { from: ['fan-out-1M'], figure: groupDelivery },
    'messages to groups; lost, duplicated or reordered': { from: ['fan-out-1M'], figure: groupMessages },
    machine: { from: ['fan-out-1M'], figure: machines },
  },
  'transport tcp, groups of 100, 20,000 reconnects per minute': {
    'connections; deliveries per second': {
      from: ['fan-out-tcp'],
      figure: ({ groups, ...run }) =>
        list([count(run.connections.wanted), `${about(groups.deliveriesPerSecond)} (${validity(run)})`]),
    },
    'delivery to members, p50, p99': { from: ['fan-out-tcp'], figure: groupDelivery },
    'messages to groups; lost, duplicated or reordered': { from: ['fan-out-tcp'], figure: groupMessages },
    machine: { from: ['fan-out-tcp'], figure: machines },
  },
  'transport memory, overload of one shard, simulated': {
    'offered messages per second': {
      from: ['overload'],
      figure: ({ steps }) => list(steps.map(({ figures }) => about(figures.offeredMessagesPerSecond))),
    },
    'goodput: complete messages per second, in time': {
      from: ['overload'],
      figure: ({ steps }) => list(steps.map(({ figures }) => about(figures.goodputPerSecond))),
    },
    'goodput at three times the capacity against the best': {
      from: ['overload'],
      figure: ({ steps }) => {
        const goodputs = steps.map(({ figures }) => figures.goodputPerSecond);
        return percent(goodputs.at(-1) / Math.max(...goodputs));
      },
    },
    'delivery p99 at three times the capacity': { from: ['overload-3x'], figure: (run) => millis(delivery(run)) },
    'messages sent; refused to their senders; lost, duplicated or reordered': {
      from: ['overload-3x'],
      figure: (run) => list([run.integrity.sent, run.integrity.rejected, unsound(run)].map(count)),
    },
    machine: { from: ['overload-3x'], figure: machines },
  },
  'ten pairs of million, plain and profiled': {
    'valid pairs; throughput of a profiled run against a plain one': {
      from: ['profile-cost'],
      figure: ({ validPairs, ratios }) => list([count(validPairs), change(ratios.messagesPerSecond - 1, 1)]),
    },
    'processor time of the switch per message; delivery p99': {
      from: ['profile-cost'],
      figure: ({ ratios }) =>
        list([change(ratios.switchMicrosPerMessage - 1, 1), change(ratios.deliveryP99Micros - 1, 1)]),
    },
    'live view and one interval per second, share of a core': {
      from: ['view-cost'],
      figure: ({ coreShares }) => percent(coreShares.together, 2),
    },
    machine: { from: ['profile-cost', 'view-cost'], figure: machines },
  },
  'messages that are stored, one disk': {
    'one sync of the same disk, p50, p99: with the log alone; with the runs': storeRow((figures) =>
      list(
        [figures.syncP50Micros, figures.syncP99Micros, figures.runSyncP50Micros, figures.runSyncP99Micros].map(millis),
      ),
    ),
    'messages stored per second, group commit; messages per commit': storeRow((figures) =>
      list([figures.storedMessagesPerSecond, figures.messagesPerCommit].map(about)),
    ),
    '✓ p50, p99 at 10,000 messages per second, the log alone': storeRow((figures) =>
      acknowledged(
        figures.acknowledgementP50Micros,
        figures.acknowledgementP99Micros,
        figures.acknowledgementP99ToSyncP50Ratio,
        figures.acknowledgementP99ToSyncP99Ratio,
      ),
    ),
    '✓ p50, p99 at 10,000 messages per second, a run with 100,000 phones': storeRow((figures) =>
      acknowledged(
        figures.runAcknowledgementP50Micros,
        figures.runAcknowledgementP99Micros,
        figures.runAcknowledgementP99ToSyncP50Ratio,
        figures.runAcknowledgementP99ToSyncP99Ratio,
      ),
    ),
    'start with 1 M messages that wait: read back; listening after': storeRow((figures) =>
      list([figures.millionQueuedReadSeconds, figures.millionQueuedListeningSeconds].map(seconds)),
    ),
    'start with 10 M messages that wait: read back; listening after': storeRow((figures) =>
      list([figures.tenMillionQueuedReadSeconds, figures.tenMillionQueuedListeningSeconds].map(seconds)),
    ),
    'anonymous memory with 20 M messages that wait; mapped files': storeRow((figures) =>
      list(
        [figures.twentyMillionQueuedAnonymousBytes, figures.twentyMillionQueuedMappedFileBytes].map(
          (value) => `${Math.round(value / 2 ** 20)} MiB`,
        ),
      ),
    ),
    machine: { from: ['store'], figure: ({ benchmark }) => machines(benchmark) },
  },
  "transport memory, WhatsApp's peak of 2014, simulated": {
    ...peakRows('whatsapp-2014-peak', 'each phone watches one other'),
    ...peakRows('whatsapp-2014-peak-tenth', 'a tenth of them do'),
    machine: {
      from: ['whatsapp-2014-peak', 'whatsapp-2014-peak-tenth'],
      figure: (...searches) => [...new Set(searches.map(({ machineClass }) => machineClass))].join('; '),
    },
  },
  'transport memory, storms and scenarios of 2012 to 2014, simulated': {
    'a million phones dropped at once, full jitter: 99 % back; peak of logins per second': {
      from: ['storm-1m'],
      figure: restoredAndPeak,
    },
    'messages of that run; lost, duplicated or reordered': {
      from: ['storm-1m'],
      figure: sentAndUnsound,
    },
    'the same without jitter; decorrelated; with 200,000 logins per second admitted; of half of the phones: 99 % back':
      {
        from: OTHER_STORMS,
        figure: restored99,
      },
    'those runs: messages lost, duplicated or reordered': {
      from: OTHER_STORMS,
      figure: unsoundOfEach,
    },
    'a server of 2014: logins, messages in, messages out, presence notices per second': {
      from: ['whatsapp-2014-server'],
      figure: (run) => list(serverRates(run)),
    },
    'messages of the server of 2014; lost, duplicated or reordered': {
      from: ['whatsapp-2014-server'],
      figure: sentAndUnsound,
    },
    'deliveries at the height of a goal, by those before it': {
      from: ['world-cup-goal'],
      figure: ({ events: [goal] }) => change(goal.deliveriesPerSecond / goal.deliveriesBeforePerSecond - 1, 1),
    },
    'an outage of 80 % of two million phones: 99.9 % back': {
      from: ['outage-2014-02-22'],
      figure: ({ storms: [storm] }) => `${storm.restored999Seconds.toFixed(1)} s`,
    },
    'phones per second that return; messages that wait for each; half of these wait at most': {
      from: ['offline-mailboxes'],
      figure: ({ throughput, latency }) =>
        list([
          about(throughput.measuredLoginsPerSecond),
          throughput.storedMessagesPerLogin.toFixed(1),
          `${(latency.storedDelivery.p50Micros / 1e6).toFixed(1)} s`,
        ]),
    },
    'messages of those phones; lost, duplicated or reordered': {
      from: ['offline-mailboxes'],
      figure: sentAndUnsound,
    },
    'messages that wait for one process in a burst; for two that share the work': {
      from: ['hot-dispatcher-1', 'hot-dispatcher-2'],
      figure: (...runs) => list(runs.map(({ throughput }) => about(throughput.unansweredMessagesPeak))),
    },
    'a million connections: deliveries to groups, reconnects per second; p99': {
      from: ['fan-out-churn'],
      figure: ({ groups, throughput, latency }) =>
        list([
          about(groups.deliveriesPerSecond),
          about(throughput.measuredLoginsPerSecond),
          millis(latency.groupDelivery.p99Micros),
        ]),
    },
    'messages of those connections to groups; lost, duplicated or reordered': {
      from: ['fan-out-churn'],
      figure: groupMessages,
    },
    'logins over a day, the tenth with most by the tenth with fewest': {
      from: ['new-year'],
      figure: ({ throughput }) =>
        `${(throughput.loginsHighestPerSecond / throughput.loginsLowestPerSecond).toFixed(2)}`,
    },
    'messages of that day; lost, duplicated or reordered': { from: ['new-year'], figure: sentAndUnsound },
    machine: {
      from: [
        'storm-1m',
        ...OTHER_STORMS,
        'outage-2014-02-22',
        'offline-mailboxes',
        'whatsapp-2014-server',
        'world-cup-goal',
        'hot-dispatcher-1',
        'hot-dispatcher-2',
        'fan-out-churn',
        'new-year',
      ],
      figure: machines,
    },
  },
};
