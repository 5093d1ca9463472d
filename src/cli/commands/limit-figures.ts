/** The limits of a machine as rows: the name under which each is configured, and its value. */
import { formatBytes, formatCount } from '../../base/units.ts';
import type { MachineLimits } from '../../measure/machine-limits.ts';
import { whyNoHugePages } from '../../plan/check-huge-pages.ts';
import type { LimitFigure } from '../../report/doctor/diagnosis-text.ts';

const UNKNOWN = 'unknown';

/** Limits on the number of connections, in the order in which they are reached. */
export function limitFigures(limits: MachineLimits): LimitFigure[] {
  const { cgroup, ports } = limits;
  const row = (name: string, value: string): LimitFigure => ({ name, value });
  const cgroupParts = [
    ...(cgroup.pids === null ? [] : [`${formatCount(cgroup.pids)} threads`]),
    ...(cgroup.memoryBytes === null ? [] : [formatBytes(cgroup.memoryBytes)]),
    ...(cgroup.cpuCores === null ? [] : [`${cgroup.cpuCores} cores`]),
  ];
  const raising = limits.mayRaiseHardLimit ? 'this user may raise it' : 'this user may not raise it';
  return [
    row('open files of a process, hard (ulimit -Hn)', `${count(limits.openFilesHard)}, ${raising}`),
    row('the highest possible limit (fs.nr_open)', count(limits.nrOpen)),
    row('separate descriptor table per thread', limits.hasSystemCalls ? 'yes' : 'no: needs Linux and koffi'),
    row(
      'sockets in tables of io_uring',
      limits.hasSocketRings ? 'yes' : 'no: needs Linux 6.8 and permission to use io_uring',
    ),
    row('tables on huge pages (transparent_hugepage)', whyNoHugePages(limits) ?? `yes: ${limits.hugePages}`),
    row(
      'open files of the machine (fs.file-max)',
      limits.mayPassFileMax ? 'no limit for this user' : count(limits.fileMax),
    ),
    row('sockets that epoll watches (fs.epoll.max_user_watches)', count(limits.epollWatches)),
    row('ports (net.ipv4.ip_local_port_range)', ports === null ? UNKNOWN : `${ports.first} to ${ports.last}`),
    row('backlog (net.core.somaxconn)', count(limits.somaxconn)),
    row('half open (net.ipv4.tcp_max_syn_backlog)', count(limits.synBacklog)),
    row('reuse of ports (net.ipv4.tcp_tw_reuse)', reuse(limits.timeWaitReuse)),
    row('TCP buffers, pages (net.ipv4.tcp_mem)', triple(limits.tcpMemoryPages, formatCount)),
    row('receive buffer (net.ipv4.tcp_rmem)', triple(limits.tcpReceiveBytes, formatBytes)),
    row('send buffer (net.ipv4.tcp_wmem)', triple(limits.tcpSendBytes, formatBytes)),
    row('mappings of a process (vm.max_map_count)', count(limits.mapCount)),
    row('threads (kernel.threads-max, pid_max)', `${count(limits.threads)}, ${count(limits.pidMax)}`),
    row('control group', cgroupParts.length === 0 ? 'no limit' : cgroupParts.join(', ')),
  ];
}

function count(value: number | null): string {
  if (value === null) return UNKNOWN;
  return Number.isFinite(value) ? formatCount(value) : 'no limit';
}

function triple(values: readonly number[] | null, format: (value: number) => string): string {
  return values === null ? UNKNOWN : values.map(format).join(' · ');
}

function reuse(value: number | null): string {
  return value === null ? UNKNOWN : (['never', 'always', 'on loopback'][value] ?? String(value));
}
