// The stored result from which each figure in the documents comes, and its format: the bindings of check-figures.mjs.
//
// A figures table has "measured" as the header of its last column. It is identified by its first header cell, and a row
// by its first cell, without Markdown. `from` names files in results/reference without `.json`; `figure` receives their
// content in that order and returns the text of the last cell.
const MICROS_PER_MILLI = 1000;
const KILO = 1000;
/** Significant digits of a figure; more would be noise. */
const DIGITS = 3;

const rounded = (value) => Number(value.toPrecision(DIGITS));
const count = (value) => value.toLocaleString('en-US');
const about = (value) => count(rounded(value));
const bytes = (value) => `${count(Math.round(value))} B`;
const gigabytes = (value) => `${rounded(value / KILO ** 3)} GB`;
const micros = (value) => `${value.toPrecision(DIGITS)} µs`;
const millis = (value) => `${(value / MICROS_PER_MILLI).toPrecision(value < MICROS_PER_MILLI ? 2 : DIGITS)} ms`;
const percent = (share, digits = 1) => `${(share * 100).toFixed(digits)} %`;
const change = (share, digits = 0) => `${share < 0 ? '−' : '+'}${percent(Math.abs(share), digits)}`;
const times = (ratio) => `${ratio.toFixed(1)} times`;
const minutes = (value) => `${value.toFixed(1)} min`;
const list = (values) => values.join('; ');

/** A slope of memory: its figure, or the upper end of the interval. */
const slope = ({ bytesPerConnection, highBytesPerConnection }) =>
  bytesPerConnection === null ? `not measurable, at most ${bytes(highBytesPerConnection)}` : bytes(bytesPerConnection);
const kernelEnd = ({ memory, sockets }) => memory.kernel.bytesPerConnection / sockets.endsHere;
const secondsOf = ({ phases }) => phases.at(-1).startSeconds + phases.at(-1).durationSeconds;
const unsound = ({ integrity }) => integrity.lost + integrity.duplicated + integrity.reordered;
/** Messages that were sent, and how many were lost, duplicated or reordered. */
const sentAndUnsound = (run) => list([count(run.integrity.sent), count(unsound(run))]);
/** Of the first storm: time until 99 % are back, and the peak of logins per second. */
const restoredAndPeak = ({ storms: [storm] }) =>
  list([`${storm.restored99Seconds.toFixed(1)} s`, about(storm.peakLoginsPerSecond)]);
const validity = ({ validity: { isValid } }) => (isValid ? 'valid' : 'invalid');
/** Memory in use of the machine at the highest level of connections, from the fit. */
const machineBytes = ({ connections, memory: { machine } }) =>
  machine.baseBytes + machine.bytesPerConnection * connections.held;
/** The larger figure first, so that a ratio is above 1. */
const ratio = (figure, one, other) => figure(one) / figure(other);
const switchMicros = ({ cpu }) => cpu.switchMicrosPerMessage;
const completeRate = ({ throughput }) => throughput.completeMessagesPerSecond;
/** The trial at the largest load that a search for a capacity found good. */
const trialAtBound = ({ bounds, trials }) => trials.find(({ load, isGood }) => isGood && load === bounds.lowerLoad);
const seconds = (value) => `${value.toFixed(2)} s`;
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
/** A row from the benchmark of the store. */
const storeRow = (figure) => ({ from: ['store'], figure: ({ benchmark }) => figure(benchmark.figures) });
const acknowledged = (p50Micros, p99Micros, toSyncP50, toSyncP99) =>
  `${list([p50Micros, p99Micros].map(millis))}: the p99 is ${times(toSyncP50)} the p50 of one sync, ${times(toSyncP99)} its p99`;
const groupDelivery = ({ latency }) =>
  list([latency.groupDelivery.p50Micros, latency.groupDelivery.p99Micros].map(millis));
const groupMessages = (run) => list([count(run.groups.messages), count(unsound(run))]);
const delivery = ({ latency }) => latency.delivery.p99Micros;

/** The machines that results come from, without repetitions. */
function machines(...results) {
  const names = results.map(({ environment: { cpuModel, cores, memoryBytes, kernel, node } }) => {
    const [major, minor] = kernel.split('.');
    return `${cpuModel}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GiB, Linux ${major}.${minor}, Node ${node.slice(1)}`;
  });
  return [...new Set(names)].join('; ');
}

/** Older results have no runtime of a side: only the time of its threads was counted. */
function countedTime(...results) {
  const kinds = results.map(({ cpu }) =>
    typeof cpu.switchRuntimeMicrosPerMessage === 'number' ? 'all of its process' : 'its shards alone',
  );
  return [...new Set(kinds)].join('; ');
}

const rate = (rates, index) => {
  const { failedRate, interval } = rates.rates[index];
  return `${percent(failedRate)} (95 % interval ${(interval[0] * 100).toFixed(1)} to ${percent(interval[1])})`;
};
/** The outcome of the gate for a patch, with the rule that it must break, relative if there is one. */
function patch(regressions, name) {
  const { outcome, pairs, mustFail, rules } = regressions.changes.find(({ change: patched }) => patched === name);
  const rule =
    rules.find((each) => each.kind === 'relative' && each.rule.startsWith(mustFail)) ??
    rules.find((each) => each.kind === 'relative' && each.outcome !== 'passed');
  const shown =
    rule === undefined
      ? ''
      : `; ${rule.rule.split(' ')[0]} ${change(rule.figure, 1)} (${change(rule.low, 1)} to ${change(rule.high, 1)})`;
  return `${outcome} after ${pairs} pairs${shown}`;
}
/** The seeds that a simulation needed to find a mistake, and the checks that found it. */
function seedsToFind(mistakes, name) {
  const { isFound, seeds, checks } = mistakes.find(({ mistake }) => mistake === name);
  if (!isFound) return 'not found';
  const most = Math.max(...seeds);
  if (most === 1) return `the first seed (${checks.join(', ')})`;
  return `${seeds.length === 1 ? '' : 'at most '}${count(most)} seeds (${checks.join(', ')})`;
}
const MISTAKES = [
  'one message in 5,000 is dropped',
  'one message in a million is dropped',
  'one message in 2,000 is dropped where phones forget and nothing else fails',
  '✓ before the sync',
  '✓ to a group before the sync',
  'a message is delivered twice after a crash',
  'one pair of messages in 20 is swapped',
  'one session in 200 is leaked',
  'the memory of one message in 2000 is leaked',
  'windows of ids are forgotten at a restart',
  'torn writes are taken for whole',
  'a member is lost in a torn write',
  'changes of members are forgotten at a restart',
];
const MILLION = 'idle-ladder-1M';
const LARGEST = 'idle-ladder-2.5M';
const FIVE_MILLION = 'five-million-5.2M';
const MILLION_TUN = 'five-million-1M';
const TUN_SATURATED = 'tun-saturated';
/** The largest valid runs over real connections. */
const HELD = [LARGEST, FIVE_MILLION];
const SATURATED = ['tcp-saturated', 'tcp-descriptors-saturated', 'ws-saturated'];

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
const SATURATED_TIME = {
  from: SATURATED,
  figure: (...runs) => list(runs.map((run) => micros(switchMicros(run)))),
};
const SATURATED_COUNTED = { from: SATURATED, figure: countedTime };
const CONNECT_RATES = {
  from: [MILLION, LARGEST],
  figure: (...runs) => list(runs.map(({ throughput }) => about(throughput.loginsPerSecond))),
};

function heldRows(kept) {
  return {
    'connections held in a valid run, logged in, with heartbeats and messages': {
      from: [kept],
      figure: (run) => `${count(run.connections.heldAtEnd)} (${validity(run)})`,
    },
    'messages lost, duplicated or reordered in that run': { from: [kept], figure: (run) => count(unsound(run)) },
  };
}

/** Figures tables: by document, then by first header cell, then by first cell of the row. */
export const TABLES = {
  'README.md': {
    'a million real connections': {
      'connections wanted, held to the end': {
        from: [MILLION],
        figure: ({ connections }) => list([count(connections.wanted), count(connections.heldAtEnd)]),
      },
      'time from start to end': { from: [MILLION], figure: (run) => `${Math.round(secondsOf(run))} s` },
      'memory in use of the whole machine, system and both ends': {
        from: [MILLION],
        figure: (run) => gigabytes(machineBytes(run)),
      },
    },
    figure: {
      'connections held in a valid run': {
        from: HELD,
        figure: (...runs) => list(runs.map((run) => `${count(run.connections.heldAtEnd)} (${validity(run)})`)),
      },
      'messages lost, duplicated or reordered in those runs': {
        from: HELD,
        figure: (...runs) => list(runs.map((run) => count(unsound(run)))),
      },
      'delivery p99 in those runs, from the time at which a message was due': {
        from: HELD,
        figure: (...runs) => list(runs.map((run) => millis(delivery(run)))),
      },
      'connects and logins per second in those runs': {
        from: HELD,
        figure: (...runs) => list(runs.map(({ throughput }) => about(throughput.loginsPerSecond))),
      },
      'memory of the whole machine per connection': {
        from: [LARGEST],
        figure: ({ memory }) => bytes(memory.machine.bytesPerConnection),
      },
      'of it in the kernel per end, in tables of the switch, of the driver': {
        from: [LARGEST],
        figure: (run) =>
          list([
            bytes(kernelEnd(run)),
            bytes(run.memory.switch.ledger.bytesPerConnection),
            bytes(run.memory.driver.ledger.bytesPerConnection),
          ]),
      },
      'complete messages per second': {
        from: ['tcp-saturated', TUN_SATURATED, 'ws-saturated'],
        figure: (...runs) => list(runs.map((run) => about(completeRate(run)))),
      },
      'complete messages per second, simulated': {
        from: ['million-saturated'],
        figure: (run) => about(completeRate(run)),
      },
      machine: {
        from: ['million-saturated', ...HELD, MILLION, 'tcp-saturated', TUN_SATURATED, 'ws-saturated'],
        figure: machines,
      },
    },
  },
  'results/reference/README.md': {
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
          [figures.syncP50Micros, figures.syncP99Micros, figures.runSyncP50Micros, figures.runSyncP99Micros].map(
            millis,
          ),
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
      'a server of 2014: logins, messages in, messages out, presence notices per second': {
        from: ['whatsapp-2014-server'],
        figure: (run) =>
          list(
            [
              run.throughput.measuredLoginsPerSecond,
              run.throughput.messagesPerSecond,
              run.throughput.deliveriesPerSecond,
              run.presence.noticesPerSecond,
            ].map(about),
          ),
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
      machine: { from: ['storm-1m', 'outage-2014-02-22', 'whatsapp-2014-server', 'world-cup-goal'], figure: machines },
    },
    'transport tcp, storms and groups': {
      '200,000 connections reset at once, full jitter: 99 % back; peak of logins per second': {
        from: ['storm-200k-tcp'],
        figure: restoredAndPeak,
      },
      'messages of that run; lost, duplicated or reordered': {
        from: ['storm-200k-tcp'],
        figure: sentAndUnsound,
      },
      machine: { from: ['storm-200k-tcp'], figure: machines },
    },
    'gates/self.yaml': {
      'runs of one build, of them valid': {
        from: ['gate-rates'],
        figure: ({ runs, valid }) => list([count(runs), count(valid)]),
      },
      'false alarms, the build against itself': { from: ['gate-rates'], figure: (rates) => rate(rates, 0) },
      '10 % more processor time per message, found': { from: ['gate-rates'], figure: (rates) => rate(rates, 1) },
      '5 % more bytes per connection, found': { from: ['gate-rates'], figure: (rates) => rate(rates, 2) },
      'time of a gate without the builds, decided at the first look, at the second': {
        from: ['gate-rates'],
        figure: ({ rates }) => list([minutes(rates[1].medianMinutes), minutes(rates[0].medianMinutes)]),
      },
    },
    patch: {
      'one more copy of each message': { from: ['regressions'], figure: (all) => patch(all, 'extra-copy') },
      '32 bytes more per session': { from: ['regressions'], figure: (all) => patch(all, 'larger-session') },
      'equivalent code': { from: ['regressions'], figure: (all) => patch(all, 'equivalent') },
    },
    'transport tcp, real sockets, both ends on the machine': {
      'connections held': {
        from: [LARGEST],
        figure: (run) => `${count(run.connections.heldAtEnd)} (${validity(run)})`,
      },
      'messages sent with 2.5 M connections; lost, duplicated or reordered': {
        from: [LARGEST],
        figure: sentAndUnsound,
      },
      'connects and logins per second, up to 1 M, up to 2.5 M connections': CONNECT_RATES,
      'delivery p99 at 500 messages per second, with 1 M, with 2.5 M connections': {
        from: [MILLION, LARGEST],
        figure: (...runs) => list(runs.map((run) => millis(delivery(run)))),
      },
      'logins repeated after a time-out of 60 s, up to 2.5 M': {
        from: [LARGEST],
        figure: ({ connections }) => count(connections.failed.loginTimedOut),
      },
      'switch memory per idle connection (RSS slope), with 1 M, with 2.5 M': {
        from: [MILLION, LARGEST],
        figure: (...runs) => list(runs.map(({ memory }) => slope(memory.switch.rss))),
      },
      'driver memory per phone (RSS slope), with 1 M, with 2.5 M': {
        from: [MILLION, LARGEST],
        figure: (...runs) => list(runs.map(({ memory }) => slope(memory.driver.rss))),
      },
      'memory of the whole machine per connection, both ends, with 1 M, with 2.5 M': {
        from: [MILLION, LARGEST],
        figure: (...runs) => list(runs.map(({ memory }) => bytes(memory.machine.bytesPerConnection))),
      },
      'processor time of the switch per message in those runs': SATURATED_TIME,
      'ws against tcp in io_uring, by that time': {
        from: ['ws-saturated', 'tcp-saturated'],
        figure: (...runs) => times(ratio(switchMicros, ...runs)),
      },
      'processes that this time counts': SATURATED_COUNTED,
      'complete messages per second, 10,000 phones, saturated: tcp in io_uring, tcp by descriptors, ws': {
        from: SATURATED,
        figure: (...runs) => list(runs.map((run) => about(completeRate(run)))),
      },
      'tcp in io_uring against ws, by that rate': {
        from: ['tcp-saturated', 'ws-saturated'],
        figure: (...runs) => times(ratio(completeRate, ...runs)),
      },
      'messages per second by HTTP while 100,000 phones are connected, acknowledged; p50, p99 of the answer from the intended time':
        {
          from: ['http-100k'],
          figure: ({ http, latency }) =>
            list([about(http.reachedPerSecond), millis(latency.http.p50Micros), millis(latency.http.p99Micros)]),
        },
      'kernel memory per end against the count of whole slabs, 20,000, 50,000, 100,000 connections': {
        from: ['kernel-memory'],
        figure: ({ levels }) =>
          list(
            levels.map(({ rows }) => percent(Math.abs(rows.find(({ source }) => source === 'slabinfoSlabs').offShare))),
          ),
      },
      machine: { from: [MILLION, LARGEST, ...SATURATED], figure: machines },
    },
    'transport tun, the TCP of the phones in the driver': {
      ...heldRows(FIVE_MILLION),
      'connects and logins per second, up to 1 M, up to 5.2 M connections, of 60,000 asked for': {
        from: [MILLION_TUN, FIVE_MILLION],
        figure: (...runs) => list(runs.map(({ throughput }) => about(throughput.loginsPerSecond))),
      },
      'delivery p99 at 500 messages per second': { from: [FIVE_MILLION], figure: (run) => millis(delivery(run)) },
      'kernel memory per connection, of the switch alone': {
        from: [FIVE_MILLION],
        figure: (run) => bytes(kernelEnd(run)),
      },
      'complete messages per second, 10,000 phones, saturated': {
        from: [TUN_SATURATED],
        figure: (run) => about(completeRate(run)),
      },
      'processor time of both sides per message in that run': {
        from: [TUN_SATURATED],
        figure: ({ cpu }) => micros(cpu.bothMicrosPerMessage),
      },
      machine: { from: [FIVE_MILLION, MILLION_TUN, TUN_SATURATED], figure: machines },
    },
    'transport tun, mobile networks': {
      '10,000 phones, 5 % lost each way, 5 % reordered, 1 % duplicated, 10 minutes: validity': {
        from: ['rough-links'],
        figure: validity,
      },
      'messages; lost, duplicated or reordered': {
        from: ['rough-links'],
        figure: sentAndUnsound,
      },
      'segments sent again by both stacks per packet thrown away': {
        from: ['rough-links'],
        figure: ({ network }) => network.sentAgainPerThrownAway.toFixed(2),
      },
      'a million phones on 3G, 30 % of the cells fail for 30 s: validity': { from: ['subway'], figure: validity },
      'phones that were dropped; 99 % back, from the end of the outage': {
        from: ['subway'],
        figure: ({ storms: [storm] }) => list([count(storm.dropped), `${storm.restored99Seconds.toFixed(1)} s`]),
      },
      'segments sent again per packet thrown away; messages lost, duplicated or reordered': {
        from: ['subway'],
        figure: (run) => list([run.network.sentAgainPerThrownAway.toFixed(2), count(unsound(run))]),
      },
      machine: { from: ['rough-links', 'subway'], figure: machines },
    },
    'kill -9 of the switch under load over tcp, switch.durability: fsync': {
      'kills; messages; recipients of messages to groups; joins and leaves': {
        from: ['kill-switch'],
        figure: ({ kills, sent, recipientsInGroups, joinsAndLeaves }) =>
          list([kills, sent, recipientsInGroups, joinsAndLeaves].map(count)),
      },
      'acknowledged and lost; shown twice; reordered': {
        from: ['kill-switch'],
        figure: ({ acknowledgedAndLost, shownTwice, reordered }) =>
          list([acknowledgedAndLost, shownTwice, reordered].map(count)),
      },
      machine: { from: ['kill-switch'], figure: machines },
    },
    'simulated faults of every kind, one seed after another': {
      'seeds; failed; run twice with different digests': {
        from: ['faults-10000'],
        figure: ({ seeds, failedSeeds, repeated, differed }) =>
          list([count(seeds), count(failedSeeds), `${count(differed)} of ${count(repeated)}`]),
      },
      'faults that had an effect; damaged stores repaired': {
        from: ['faults-10000'],
        figure: ({ faults, repairs }) =>
          list([faults.reduce((sum, { injected }) => sum + injected, 0), repairs].map(count)),
      },
      'messages; shown; refused': {
        from: ['faults-10000'],
        figure: ({ messages, shown, refused }) => list([messages, shown, refused].map(count)),
      },
      'time in two processes; simulated time': {
        from: ['faults-10000'],
        figure: ({ elapsedSeconds, virtualSeconds }) =>
          list([minutes(elapsedSeconds / 60), `${(virtualSeconds / 3600).toFixed(1)} h`]),
      },
      'events per second of processor time': {
        from: ['faults-10000'],
        figure: ({ events, processorSeconds }) => about(events / processorSeconds),
      },
      'a day of a million phones, run twice, seeds that failed': {
        from: ['heartbeats-day'],
        figure: ({ failedSeeds }) => count(failedSeeds),
      },
      'the same: events; events per second of processor time; simulated time to processor time': {
        from: ['heartbeats-day'],
        figure: ({ events, processorSeconds, virtualSeconds }) =>
          list([
            about(events),
            about(events / processorSeconds),
            `${(virtualSeconds / processorSeconds).toFixed(1)} ×`,
          ]),
      },
      machine: { from: ['faults-10000', 'heartbeats-day'], figure: machines },
    },
    'a mistake that is put in on purpose, found by simulate': Object.fromEntries(
      MISTAKES.map((name) => [name, { from: ['mutations'], figure: ({ mistakes }) => seedsToFind(mistakes, name) }]),
    ),
    'half an hour of reconnects over tcp': {
      'messages; reconnects': {
        from: ['soak'],
        figure: ({ messagesInAll, reconnectsInAll }) => list([count(messagesInAll), count(reconnectsInAll)]),
      },
      'collections of threads that carry traffic: switch; driver': {
        from: ['soak'],
        figure: ({ rows }) => list(rows.map(({ traffic }) => count(traffic.collections))),
      },
      'allocated per message, if all of it is for messages: switch; driver': {
        from: ['soak'],
        figure: ({ messages, rows }) =>
          list(
            rows.map(
              ({ traffic, main }) => `${((traffic.allocatedBytes + main.allocatedBytes) / messages).toFixed(2)} B`,
            ),
          ),
      },
      'allocated per reconnect, if all of it is for reconnects: switch; driver': {
        from: ['soak'],
        figure: ({ reconnects, rows }) =>
          list(
            rows.map(
              ({ traffic, main }) => `${((traffic.allocatedBytes + main.allocatedBytes) / reconnects).toFixed(1)} B`,
            ),
          ),
      },
      'deviation of RSS after the first two minutes: switch; driver': {
        from: ['soak'],
        figure: ({ rows }) => list(rows.map(({ growth }) => percent(growth.mostShare))),
      },
      'the same, of single samples: switch; driver': {
        from: ['soak'],
        figure: ({ rows }) => list(rows.map(({ growth }) => percent(growth.mostSingleShare))),
      },
      machine: { from: ['soak'], figure: machines },
    },
    'ladder ws-to-tcp': {
      'runs, of them valid': {
        from: ['ladder-ws-to-tcp'],
        figure: ({ runs }) => list([count(runs.run), count(runs.valid)]),
      },
      'last rung against the first': { from: ['ladder-ws-to-tcp'], figure: ({ sentence }) => sentence },
    },
  },
};

/** Lines of summaries that a document shows between `<!-- summary of FILE -->` and the end of the block below it. */
export const SUMMARIES = {
  'README.md': {
    [MILLION]: [
      /^trunkline /,
      /^(IN)?VALID/,
      /^connections /,
      /^throughput /,
      /^latency /,
      /^ +delivered /,
      /^memory /,
      /^ {13}switch {2,}[\d.]+ B/,
      /^ {13}driver {2,}[\d.]+ B/,
      /^ +kernel, both ends/,
      /^ +whole machine/,
      /^integrity /,
      /^ +lost /,
    ],
  },
};

const grouped = (value) => String(rounded(value)).replace(/\B(?=(\d{3})+$)/g, '_');
/**
 * A row of stored times over sockets: processor time of the switch per message, complete messages and logins per
 * second.
 */
const socketTimes = (saturated, ramp) =>
  `saturated(${rounded(switchMicros(saturated))}, ${grouped(completeRate(saturated))}, ${grouped(ramp.throughput.loginsPerSecond)});`;

/**
 * The same over tun. The switch's share is that of tcp, since over tun the time of the two sides cannot be told apart.
 */
const tunTimes = (overTcp, saturated, ramp) =>
  `saturated(${rounded(switchMicros(overTcp))}, ${grouped(completeRate(saturated))}, ${grouped(ramp.throughput.loginsPerSecond)});`;

/** Constants in the code that are stored figures: by file, then by the start of the line. */
export const CONSTANTS = {
  'src/scenario/terms/transports.ts': {
    'const RINGS = ': { from: ['tcp-saturated', MILLION], figure: socketTimes },
    'const DESCRIPTORS = ': { from: ['tcp-descriptors-saturated', MILLION], figure: socketTimes },
    'const TUN = ': { from: ['tcp-saturated', TUN_SATURATED, FIVE_MILLION], figure: tunTimes },
  },
};
