/** Everything that is concluded from results and stored as JSON, and how to read it again. */
import type { z } from 'zod';
import { firstIssue } from '../result/first-issue.ts';
import { parseJson, unreadable } from '../result/parse-json.ts';
import { CAPACITY_SCHEMA, type CapacityOutcome, capacitySchema } from './capacity/capacity-schema.ts';
import { COMPARISON_SCHEMA, type Comparison, comparisonSchema } from './comparison/comparison-schema.ts';
import { NOISE_FLOORS_SCHEMA, type NoiseFloors, noiseFloorsSchema } from './comparison/noise-floors-schema.ts';
import { GATE_SCHEMA, type GateOutcome, gateSchema } from './gate/gate-schema.ts';
import { type ChangeHistory, HISTORY_SCHEMA, historySchema } from './history/history-schema.ts';
import { LADDER_SCHEMA, type LadderOutcome, ladderSchema } from './ladder/ladder-schema.ts';
import { SIMULATION_SCHEMA, type SimulationReport, simulationSchema } from './simulation/simulation-schema.ts';

export type StoredOutcome =
  | Comparison
  | NoiseFloors
  | GateOutcome
  | CapacityOutcome
  | LadderOutcome
  | ChangeHistory
  | SimulationReport;

/** The file of each outcome in its folder. */
export const OUTCOME_FILES: Readonly<Record<StoredOutcome['schema'], string>> = {
  [COMPARISON_SCHEMA]: 'comparison.json',
  [NOISE_FLOORS_SCHEMA]: 'noise-floors.json',
  [GATE_SCHEMA]: 'gate.json',
  [CAPACITY_SCHEMA]: 'capacity.json',
  [LADDER_SCHEMA]: 'ladder.json',
  [HISTORY_SCHEMA]: 'history.json',
  [SIMULATION_SCHEMA]: 'simulation.json',
};

/** The schema of each outcome, by the name that its file begins with. */
export const OUTCOME_SCHEMAS: Readonly<Record<StoredOutcome['schema'], z.ZodType<StoredOutcome>>> = {
  [COMPARISON_SCHEMA]: comparisonSchema,
  [NOISE_FLOORS_SCHEMA]: noiseFloorsSchema,
  [GATE_SCHEMA]: gateSchema,
  [CAPACITY_SCHEMA]: capacitySchema,
  [LADDER_SCHEMA]: ladderSchema,
  [HISTORY_SCHEMA]: historySchema,
  [SIMULATION_SCHEMA]: simulationSchema,
};

/**
 * Parses a stored outcome.
 *
 * @param file name of the file, for messages.
 * @returns null if it has another schema, such as that of a result.
 * @throws RESULT_UNREADABLE if it is cut off, incomplete, or of another version of its schema.
 */
export function parseStoredOutcome(text: string, file: string): StoredOutcome | null {
  const value = parseJson(text, file);
  const found = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  const known = Object.keys(OUTCOME_SCHEMAS) as StoredOutcome['schema'][]; // its keys
  const schema = known.find((one) => one === found);
  if (schema === undefined) {
    const sameKind = known.find((one) => typeof found === 'string' && kindOf(one) === kindOf(found));
    if (sameKind === undefined) return null;
    throw unreadable(
      `${file}: expected schema ${sameKind}, found ${JSON.stringify(found)}. Use the version of trunkline that wrote it.`,
    );
  }
  const parsed = OUTCOME_SCHEMAS[schema].safeParse(value);
  if (parsed.success) return parsed.data;
  throw unreadable(`${file}: not a whole outcome: ${firstIssue(parsed.error, value)}`);
}

/** A schema without its version. */
function kindOf(schema: string): string {
  return schema.replace(/\/\d+$/, '');
}
