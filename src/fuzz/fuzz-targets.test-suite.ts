/** The switches that are fuzzed: each transport and way of holding sockets, with one shard and with two. */
import type { SwitchTarget } from './fuzz-switch.test-suite.ts';

export const SWITCH_TARGETS: readonly SwitchTarget[] = [
  { name: 'tcp in tables of io_uring, two shards', transport: 'tcp', shards: 2, hold: 'auto' },
  { name: 'tcp by descriptors, one shard', transport: 'tcp', shards: 1, hold: 'descriptors' },
  { name: 'node-tcp, one shard', transport: 'node-tcp', shards: 1 },
  { name: 'ws, two shards', transport: 'ws', shards: 2 },
];
