// Figures of results/reference/README.md about what finds faults: gates, kills, simulations, soaks.
import { about, change, count, list, machines, minutes, percent } from './figure-formats.mjs';

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

/** Figures tables by first header cell. */
export const TRIAL_TABLES = {
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
        list([about(events), about(events / processorSeconds), `${(virtualSeconds / processorSeconds).toFixed(1)} ×`]),
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
};
