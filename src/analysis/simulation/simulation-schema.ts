/**
 * What a series of simulations found: plain data, stored as JSON. The schema is published with the package
 * (`trunkline/simulation.schema.json`).
 */
import { z } from 'zod';
import { publishedSchema } from '../../result/published-schema.ts';
import { environmentSchema } from '../../result/sections/environment-schema.ts';
import { commandLine, countOf, figure } from '../../result/sections/schema-terms.ts';

export const SIMULATION_SCHEMA = 'trunkline.simulation/1';

const failure = z.strictObject({
  seed: z.number().int(),
  check: z.string().describe('Name of the check that failed first'),
  text: z.string(),
  atMicros: figure.describe('Virtual time'),
  drawnFaults: countOf.describe('Faults that the seed drew'),
  shortestFaults: countOf.nullable().describe('Faults that are left after shrinking; null if it was not shrunk'),
  replay: z.string().nullable().describe('File that repeats it, beside this one; null if none was written'),
});

const fault = z.strictObject({
  kind: z.string(),
  injected: countOf.describe('Faults that had an effect'),
  phones: z.array(countOf).readonly().describe('Phones in each of the phases when it struck them'),
});

export const simulationSchema = z.strictObject({
  schema: z.literal(SIMULATION_SCHEMA),
  scenario: z.string(),
  environment: environmentSchema,
  firstSeed: z.number().int(),
  seeds: countOf.describe('Seeds that were run'),
  repeated: countOf.describe('Seeds that were run twice, to compare the digests of both runs'),
  differed: countOf.describe('Repeated seeds with different digests'),
  failedSeeds: countOf,
  failures: z.array(failure).readonly().describe('The first failed seeds'),
  events: countOf.describe(
    'Frames that pass between phones and switch, hops that shards take, and entries that logs record',
  ),
  messages: countOf.describe('Messages that phones sent, copies left out'),
  shown: countOf.describe('Messages shown to phones; one to a group counts for each member'),
  refused: countOf,
  waiting: countOf.describe('Acknowledged messages that are still in mailboxes, of phones that never connect'),
  open: countOf.describe('Messages without an answer when a check failed'),
  forgotten: countOf.describe('Messages that their phones forgot before an answer, and that were not shown'),
  toGroups: countOf.describe('Of the messages, those to groups'),
  repairs: countOf.describe('Damaged stores that were noticed and repaired'),
  virtualSeconds: figure,
  processorSeconds: figure.describe('Time of all processes together'),
  elapsedSeconds: figure,
  processes: countOf,
  phases: z.array(z.string()).readonly().describe('What phones do, as frames say; the columns of coverage'),
  faults: z.array(fault).readonly(),
  command: commandLine,
});

export type SimulationReport = z.output<typeof simulationSchema>;

/** The published JSON Schema. */
export function simulationJsonSchema(): object {
  return publishedSchema(SIMULATION_SCHEMA, 'trunkline simulate', simulationSchema);
}
