// Figures of results/reference/README.md that were measured over real sockets.
import {
  about,
  bytes,
  completeRate,
  count,
  countedTime,
  delivery,
  FIVE_MILLION,
  kernelEnd,
  LARGEST,
  list,
  MILLION,
  MILLION_TUN,
  machines,
  micros,
  millis,
  percent,
  ratio,
  restored99,
  restoredAndPeak,
  SATURATED,
  sentAndUnsound,
  serverRates,
  slope,
  switchMicros,
  TUN_SATURATED,
  times,
  unsound,
  unsoundOfEach,
  validity,
} from './figure-formats.mjs';

/** Steps of storm-200k-tcp beside the one with full jitter. */
const OTHER_STORMS = ['storm-200k-tcp-no-jitter', 'storm-200k-tcp-admitted'];
const SERVER = 'whatsapp-2014-server-tcp';
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

/** Figures tables by first header cell. */
export const SOCKET_TABLES = {
  'transport tcp, storms and groups': {
    '200,000 connections reset at once, full jitter: 99 % back; peak of logins per second': {
      from: ['storm-200k-tcp'],
      figure: restoredAndPeak,
    },
    'messages of that run; lost, duplicated or reordered': {
      from: ['storm-200k-tcp'],
      figure: sentAndUnsound,
    },
    'the same without jitter; with 18,000 logins per second admitted: 99 % back': {
      from: OTHER_STORMS,
      figure: restored99,
    },
    'those runs: messages lost, duplicated or reordered': {
      from: OTHER_STORMS,
      figure: unsoundOfEach,
    },
    'a server of 2014: connections; logins, messages in, messages out, presence notices per second': {
      from: [SERVER],
      figure: (run) => list([`${count(run.connections.held)} (${validity(run)})`, ...serverRates(run)]),
    },
    'messages of the server of 2014; lost, duplicated or reordered': { from: [SERVER], figure: sentAndUnsound },
    'delivery p50, p99 of the server of 2014': {
      from: [SERVER],
      figure: ({ latency }) => list([latency.delivery.p50Micros, latency.delivery.p99Micros].map(millis)),
    },
    machine: { from: ['storm-200k-tcp', ...OTHER_STORMS, SERVER], figure: machines },
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
};
