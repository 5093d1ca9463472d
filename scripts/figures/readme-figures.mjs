// Figures of README.md.
import {
  about,
  bytes,
  completeRate,
  count,
  delivery,
  gigabytes,
  HELD,
  kernelEnd,
  LARGEST,
  list,
  MILLION,
  machineBytes,
  machines,
  millis,
  secondsOf,
  TUN_SATURATED,
  unsound,
  validity,
} from './figure-formats.mjs';

/** Figures tables by first header cell. */
export const README_TABLES = {
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
};
