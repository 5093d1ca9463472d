/**
 * A stored baseline: runs of one scenario on one class of machines, for comparison with later candidates. Drift in
 * between counts as a difference, so such a comparison is unpaired, and weaker than with a base that is built and run
 * in the same job. Comparisons across scenarios or classes of machines are refused: nothing would tell the cause of a
 * difference.
 */
import { z } from 'zod';
import { at } from '../../base/assert.ts';
import { TrunklineError } from '../../base/errors.ts';
import { bareResult } from '../../result/bare-result.ts';
import { firstIssue } from '../../result/first-issue.ts';
import { parseJson, unreadable } from '../../result/parse-json.ts';
import { publishedSchema } from '../../result/published-schema.ts';
import { type Result, resultSchema } from '../../result/result-schema.ts';
import { DROPPED_SHARE_MAX } from '../comparison/comparison-rows.ts';
import { guardReason } from '../comparison/usable-pairs.ts';

const BASELINE_SCHEMA = 'trunkline.baseline/1';

/** Identifies what a baseline was measured on. Runs with different keys cannot be compared. */
const baselineKey = z.strictObject({
  scenario: z.string(),
  scenarioHash: z.string().describe('SHA-256 of the scenario as it ran, including settings'),
  machineClass: z.string().describe('Class of machines whose results can be compared'),
});

const baselineSchema = z.strictObject({
  schema: z.literal(BASELINE_SCHEMA),
  savedAt: z.iso.datetime(),
  key: baselineKey,
  commits: z.array(z.string()).describe('Commits of the source that ran'),
  results: z.array(resultSchema).min(1).describe('Valid runs in order of time, without time series'),
});

export type BaselineKey = z.output<typeof baselineKey>;
export type Baseline = z.output<typeof baselineSchema>;

/** The key of the baselines with which a result can be compared. */
export function baselineKeyOf({ scenario, environment }: Result): BaselineKey {
  return { scenario: scenario.name, scenarioHash: scenario.hash, machineClass: environment.machineClass };
}

/** The difference between two keys, in words; null if they are equal. */
export function keyDifference(stored: BaselineKey, wanted: BaselineKey): string | null {
  if (stored.scenario !== wanted.scenario) return `it is of the scenario ${stored.scenario}`;
  if (stored.machineClass !== wanted.machineClass) {
    return `it is of the machine class "${stored.machineClass}", and this is "${wanted.machineClass}"`;
  }
  return stored.scenarioHash === wanted.scenarioHash
    ? null
    : `it is of another version of the scenario or its settings: hash ${stored.scenarioHash.slice(0, 12)}, now ${wanted.scenarioHash.slice(0, 12)}`;
}

/**
 * Makes a baseline of the valid runs among runs of one build.
 *
 * @throws BASELINE_INVALID if they differ in scenario or machine class, or if too few are valid.
 */
export function makeBaseline(results: readonly Result[], savedAt: Date): Baseline {
  const valid = results.filter(({ validity }) => validity.isValid);
  const left = results.length - valid.length;
  if (valid.length === 0 || left > DROPPED_SHARE_MAX * results.length) {
    const dropped = results.find(({ validity }) => !validity.isValid);
    const why = dropped === undefined ? '' : `, the first because of ${guardReason(dropped)}`;
    throw invalid(`${left} of ${results.length} runs are not valid${why}: no baseline was saved`);
  }
  const key = baselineKeyOf(at(valid, 0));
  for (const result of valid) {
    const difference = keyDifference(baselineKeyOf(result), key);
    if (difference !== null)
      throw invalid(`expected runs of one scenario and machine class, found a run that differs: ${difference}`);
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
 * Parses a stored baseline.
 *
 * @param file name of the file, for messages.
 * @throws RESULT_UNREADABLE.
 */
export function parseBaseline(text: string, file: string): Baseline {
  const value = parseJson(text, file);
  const found = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (found !== BASELINE_SCHEMA) {
    throw unreadable(
      `${file}: expected schema ${BASELINE_SCHEMA}, found ${JSON.stringify(found) ?? 'none'}. Use the version of trunkline that wrote it, or save a new baseline with --save-baseline.`,
    );
  }
  const parsed = baselineSchema.safeParse(value);
  if (!parsed.success) throw unreadable(`${file}: not a complete baseline: ${firstIssue(parsed.error, value)}`);
  const { key, results } = parsed.data;
  const other = results.find((result) => keyDifference(baselineKeyOf(result), key) !== null);
  if (other !== undefined)
    throw unreadable(`${file}: not a complete baseline: run ${other.id} is of another scenario or machine class`);
  return parsed.data;
}

function invalid(message: string): TrunklineError {
  return new TrunklineError('BASELINE_INVALID', message);
}

/** The published JSON Schema. */
export function baselineJsonSchema(): object {
  return publishedSchema(BASELINE_SCHEMA, 'trunkline baseline', baselineSchema);
}
