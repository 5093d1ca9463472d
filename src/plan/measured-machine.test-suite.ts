/** For tests: a machine with two cores and 24 GB on which two million connections were held, and demands on it. */
import type { MachineLimits } from '../measure/machine-limits.ts';
import { parseScenario } from '../scenario/scenario.ts';
import type { SocketTransportName } from '../scenario/terms/transports.ts';
import { type SocketDemand, socketDemand } from './sockets/socket-demand.ts';

export const MACHINE: MachineLimits = {
  platform: 'linux',
  kernel: '6.18.44',
  cores: 2,
  clocksource: 'kvm-clock',
  hasSystemCalls: true,
  hasSocketRings: false,
  hasTunDevice: true,
  hasNetworkNamespaces: true,
  hugePages: 'madvise',
  lockedBytes: 8 * 2 ** 20,
  mayPassFileMax: true,
  mayRaiseHardLimit: false,
  openFilesSoft: 20_000,
  openFilesHard: 20_000,
  userThreads: null,
  nrOpen: 1_048_576,
  fileMax: 2_466_160,
  ports: { first: 32_768, last: 60_999 },
  somaxconn: 4096,
  synBacklog: 2048,
  synCookies: 1,
  timeWaitReuse: 2,
  tcpMemoryPages: [287_898, 383_865, 575_796],
  tcpReceiveBytes: [4096, 131_072, 33_554_432],
  tcpSendBytes: [4096, 16_384, 4_194_304],
  epollWatches: 5_491_489,
  mapCount: 65_530,
  threads: 192_729,
  pidMax: 32_768,
  cgroup: { pids: null, memoryBytes: null, cpuCores: null },
  memoryTotalBytes: 24_683_620 * 1024,
  memoryFreeBytes: 23_828_028 * 1024,
};

const SCENARIO = `
name: idle
description: Phones that stay connected
phones: { count: 1M, offline: 0, heartbeat: none, session: none }
login: { rate: 10k }
traffic: { rate: 0, payload: 64B }
`;

/** What a scenario of idle phones asks for, with settings as on the command line. */
export function demandOf(transport: SocketTransportName, ...settings: string[]): SocketDemand {
  return socketDemand(parseScenario(SCENARIO, 'idle.yaml', settings).settings, transport);
}
