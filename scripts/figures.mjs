// The stored result from which each figure in the documents comes, and its format: the bindings of check-figures.mjs.
//
// A figures table has "measured" as the header of its last column. It is identified by its first header cell, and a row
// by its first cell, without Markdown. `from` names files in results/reference without `.json`; `figure` receives their
// content in that order and returns the text of the last cell.
import {
  completeRate,
  FIVE_MILLION,
  MILLION,
  rounded,
  switchMicros,
  TUN_SATURATED,
} from './figures/figure-formats.mjs';
import { README_TABLES } from './figures/readme-figures.mjs';
import { SIMULATED_TABLES } from './figures/simulated-figures.mjs';
import { SOCKET_TABLES } from './figures/socket-figures.mjs';
import { TRIAL_TABLES } from './figures/trial-figures.mjs';

/** Figures tables: by document, then by first header cell, then by first cell of the row. */
export const TABLES = {
  'README.md': README_TABLES,
  'results/reference/README.md': { ...SIMULATED_TABLES, ...SOCKET_TABLES, ...TRIAL_TABLES },
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
