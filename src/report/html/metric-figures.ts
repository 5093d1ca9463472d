/** What conclusions know of runs that others have published of their systems: figures by the names of their metrics. */
import type { MetricName } from '../../scenario/terms/metrics.ts';
import type { SystemFigures } from './published-section.ts';

export interface MetricFigures {
  /** Of the runs, such as `base`. */
  readonly name: string;
  readonly isSimulated: boolean;
  /** Where the figures are from, such as `median of 10 runs`. */
  readonly source: string;
  /** A figure in the unit of its metric; null if it is not known. */
  readonly read: (metric: MetricName) => number | null;
}

/** The memory of the switch, by RSS where that shows a slope, and that of the kernel; connections and deliveries. */
export function metricFigures({ name, isSimulated, source, read }: MetricFigures): SystemFigures[] {
  const resident = read('memory.switch.rss.bytesPerConnection');
  return [
    {
      system: `${name}${isSimulated ? ', simulated' : ''}`,
      connections: read('connections.held'),
      bytesPerConnection: resident ?? read('memory.switch.bytesPerConnection'),
      deliveriesPerSecond:
        read('throughput.deliveriesPerSecond') ??
        read('throughput.completeMessagesPerSecond') ??
        read('throughput.messagesPerSecond'),
      counts: `${resident === null ? 'tables of the switch' : 'RSS of the switch'}, without the kernel`,
      source,
    },
    {
      system: `${name}, kernel`,
      connections: null,
      bytesPerConnection: read('memory.kernel.bytesPerConnection'),
      deliveriesPerSecond: null,
      counts: 'kernel, ends on this machine',
      source,
    },
  ];
}
