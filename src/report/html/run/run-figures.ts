/** The figures of a run that others have published of their systems, for the marks beside theirs. */
import type { Result } from '../../../result/result-schema.ts';
import type { SystemFigures } from '../published-section.ts';
import { memoryParts, memorySum } from './memory-parts.ts';

/** What this run has to compare; the width of the drawing has room for short names. */
export function runFigures(result: Result): SystemFigures[] {
  const { memory, scenario, sockets, connections, throughput, id } = result;
  const word = scenario.isSimulated ? ', simulated' : '';
  const kernel = memory.kernel?.bytesPerConnection ?? null;
  return [
    {
      system: `This run${word}`,
      connections: connections.held,
      bytesPerConnection: memorySum(memoryParts(result)),
      deliveriesPerSecond: throughput.deliveriesPerSecond,
      counts: scenario.isSimulated ? 'tables of both sides, no sockets' : 'whole machine, both sides',
      source: id,
    },
    {
      system: 'This run, kernel',
      connections: null,
      bytesPerConnection: kernel === null ? null : kernel / (sockets?.endsHere ?? 2),
      deliveriesPerSecond: null,
      counts: 'kernel, one end',
      source: id,
    },
  ];
}
