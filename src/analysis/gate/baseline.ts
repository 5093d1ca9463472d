/**
 * A stored baseline: runs of one scenario on one class of machines, kept for candidates of later days. What
 * drifts between the days counts as a difference, so a comparison with it is unpaired and weaker than a base
 * that is built and run in the same job (MEASURING.md, Gate); across scenarios or classes it is refused.
 */
import { z } from 'zod';
import { at } from '../../base/assert.ts';
import { TrunklineError } from '../../base/errors.ts';
import { bareResult } from '../../result/bare-result.ts';
import { parseJson, unreadable } from '../../result/parse-json.ts';
import { publishedSchema } from '../../result/published-schema.ts';
import { type Result, resultSchema } from '../../result/result-schema.ts';
import { DROPPED_SHARE_MOST } from '../comparison/comparison-row.ts';
import { guardReason } from '../comparison/pairs.ts';

export const BASELINE_SCHEMA = 'trunkline.baseline/1';

/** What a baseline is of: runs that differ in any of it cannot be compared. */
const baselineKey = z.strictObject({
  scenario: z.string(),
  scenarioHash: z.string().describe('SHA-256 of the scenario as it ran, settings put in'),
  machineClass: z.string().describe('Machines whose results may be compared'),
});

const baselineSchema = z.strictObject({
  schema: z.literal(BASELINE_SCHEMA),
  savedAt: z.iso.datetime(),
  key: baselineKey,
  commits: z.array(z.string()).describe('Of the source that ran'),
  results: z.array(resultSchema).min(1).describe('Valid runs in the order in which they ran, without time series'),
});

export type BaselineKey = z.output<typeof baselineKey>;
export type Baseline = z.output<typeof baselineSchema>;

/** What a result may be compared with. */
export function baselineKeyOf({ scenario, environment }: Result): BaselineKey {
  return { scenario: scenario.name, scenarioHash: scenario.hash, machineClass: environment.machineClass };
}

/** What differs between two keys, in words; null if they are the same. */
export function keyDifference(stored: BaselineKey, wanted: BaselineKey): string | null {
  if (stored.scenario !== wanted.scenario) return `it is of the scenario ${stored.scenario}`;
  if (stored.machineClass !== wanted.machineClass) {
    return `it is of the machine class "${stored.machineClass}", and this is "${wanted.machineClass}"`;
  }
  return stored.scenarioHash === wanted.scenarioHash
    ? null
    : `the scenario was another then, settings put in: hash ${stored.scenarioHash.slice(0, 12)}, and now ${wanted.scenarioHash.slice(0, 12)}`;
}

/**
 * A baseline of the valid ones among these runs of one build.
 *
 * @throws BASELINE_INVALID where they are not of one scenario and machine class, or too few are valid.
 */
export function makeBaseline(results: readonly Result[], savedAt: Date): Baseline {
  const valid = results.filter(({ validity }) => validity.isValid);
  const left = results.length - valid.length;
  if (valid.length === 0 || left > DROPPED_SHARE_MOST * results.length) {
    const dropped = results.find(({ validity }) => !validity.isValid);
    const why = dropped === undefined ? '' : `, the first because of ${guardReason(dropped)}`;
    throw invalid(`${left} of ${results.length} runs are not valid${why}: no baseline was saved`);
  }
  const key = baselineKeyOf(at(valid, 0));
  for (const result of valid) {
    const difference = keyDifference(baselineKeyOf(result), key);
    if (difference !== null) throw invalid(`the runs of a baseline must be alike, and of one ${difference}`);
  }
  const commits = new Set(valid.flatMap(({ environment }) => environment.commit ?? []));
  return {
    schema: BASELINE_SCHEMA,
    savedAt: savedAt.toISOString(),
    key,
    commits: [...commits],
    results: valid.map(bareResult),
  };
}

/**
 * Reads a stored baseline.
 *
 * @param file how messages name the text.
 * @throws RESULT_UNREADABLE.
 */
export function parseBaseline(text: string, file: string): Baseline {
  const value = parseJson(text, file);
  const found = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (found !== BASELINE_SCHEMA) {
    throw unreadable(
      `${file}: expected schema ${BASELINE_SCHEMA}, found ${JSON.stringify(found) ?? 'none'}. Use the version of trunkline that wrote it, or save it anew with --save-baseline.`,
    );
  }
  const parsed = baselineSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(`${file}: not a whole baseline: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { key, results } = parsed.data;
  const other = results.find((result) => keyDifference(baselineKeyOf(result), key) !== null);
  if (other !== undefined) throw unreadable(`${file}: not a whole baseline: run ${other.id} is not of its key`);
  return parsed.data;
}

function invalid(message: string): TrunklineError {
  return new TrunklineError('BASELINE_INVALID', message);
}

/** The JSON Schema that is published. */
export function baselineJsonSchema(): object {
  return publishedSchema(BASELINE_SCHEMA, 'trunkline baseline', baselineSchema);
}
