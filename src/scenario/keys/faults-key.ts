/** The keys of faults of a real run: what happens to the process of the switch, and what that demands of other keys. */
import { z } from 'zod';
import type { KeyFault } from '../terms/key-fault.ts';
import { durationMicros } from '../terms/scalars.ts';
import { isReachable, TRANSPORT_NAMES, type TransportName } from '../terms/transports.ts';

/** Most faults of a scenario: each has a mark in the series, and up to two more of its recovery. */
const FAULTS_MAX = 50;

const fault = z.strictObject({
  at: durationMicros().describe('When it happens, from the start of the measurement'),
  kill: z
    .enum(['switch'])
    .optional()
    .describe('What is killed (kill -9). It is started again at once, on its store if it has one (switch.durability)'),
  stop: z.enum(['switch']).optional().describe('Instead of kill: what is stopped (SIGSTOP), and continued after `for`'),
  for: durationMicros({ min: 1000 }).optional().describe('How long it is stopped'),
});

export const faultsKey = z
  .array(fault)
  .max(FAULTS_MAX)
  .prefault([])
  .describe(
    'Faults of the process of the switch while measuring, over sockets. Without switch.durability=fsync a kill loses messages; they are counted, and the run is not valid then. Simulations in virtual time have faults of their own (simulate)',
  );

type Faults = z.output<typeof faultsKey>;
export type DeclaredFault = Faults[number];

/** The other keys that faults depend on. */
interface Surroundings {
  readonly faults: Faults;
  readonly transport: TransportName;
  readonly phases: { readonly measure: number };
  readonly http: { readonly port: number | 'none' };
}

/** The first fault of the faults of a scenario; null if there is none. */
export function faultsFault({ faults, transport, phases, http }: Surroundings): KeyFault | null {
  if (faults.length === 0) return null;
  if (!isReachable(transport)) {
    const able = TRANSPORT_NAMES.filter(isReachable);
    return {
      path: ['faults'],
      what: `expected transport ${able.join(', ')}, where the switch is a process that phones can reach again, found ${transport}: --set transport=${able[0]}`,
    };
  }
  if (http.port !== 'none')
    return { path: ['faults'], what: 'expected no HTTP side (http.port): what its clients were told is lost with it' };
  for (const [place, one] of faults.entries()) {
    const wrong = (key: string | null, what: string): KeyFault => ({
      path: ['faults', place, ...(key === null ? [] : [key])],
      what,
    });
    if ((one.kill === undefined) === (one.stop === undefined)) return wrong(null, 'expected either kill or stop');
    if (one.kill !== undefined && one.for !== undefined)
      return wrong('for', 'expected none with kill: the switch is started again at once');
    if (one.stop !== undefined && one.for === undefined) return wrong(null, 'expected for as well, such as 2s');
    const before = faults[place - 1];
    if (before !== undefined && one.at <= before.at + (before.for ?? 0))
      return wrong('at', 'expected a time after the end of the fault before');
    if (one.at + (one.for ?? 0) >= phases.measure)
      return wrong('at', 'expected a fault that ends within the measurement (phases.measure)');
  }
  return null;
}
