/** A folder of stored baselines: one file per scenario, settings and class of machines. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Baseline, type BaselineKey, keyDifference, parseBaseline } from '../../analysis/gate/baseline.ts';
import { causeOf } from '../../base/cause-of.ts';
import { TrunklineError } from '../../base/errors.ts';
import { ResultFolder, type StoredFile } from '../../run/series/result-folder.ts';

const HASH_DIGITS = 12;
const CLASS_DIGITS = 8;

/** `<scenario>.<hash>.<machine class>.json`, hash and class shortened; the file contains them in full. */
function baselineFileName({ scenario, scenarioHash, machineClass }: BaselineKey): string {
  const classDigest = createHash('sha256').update(machineClass).digest('hex');
  return `${scenario}.${scenarioHash.slice(0, HASH_DIGITS)}.${classDigest.slice(0, CLASS_DIGITS)}.json`;
}

/**
 * Writes a baseline atomically, replacing an older one with the same key, and checks it. @throws OUTPUT_UNWRITABLE.
 */
export async function writeStoredBaseline(folder: string, baseline: Baseline): Promise<StoredFile> {
  const written = await ResultFolder.create(folder, '.', '--save-baseline');
  return written.writeChecked(baselineFileName(baseline.key), `${JSON.stringify(baseline)}\n`, parseBaseline);
}

/**
 * The baseline of a scenario, its settings and class of machines.
 *
 * @throws BASELINE_MISSING; BASELINE_MISMATCH if there is only one of another class of machines or another version of
 * the scenario; RESULT_UNREADABLE.
 */
export function readStoredBaseline(folder: string, wanted: BaselineKey): Baseline {
  const files = baselineFiles(folder, wanted.scenario);
  const name = baselineFileName(wanted);
  if (files.includes(name)) {
    const baseline = readOne(folder, name);
    const difference = keyDifference(baseline.key, wanted);
    if (difference === null) return baseline;
    throw mismatch(join(folder, name), difference);
  }
  const others = files.map((file) => ({ file, difference: keyDifference(readOne(folder, file).key, wanted) }));
  const [nearest] = others.sort((a, b) => Number(isOfClass(b.file, name)) - Number(isOfClass(a.file, name)));
  if (nearest?.difference) throw mismatch(join(folder, nearest.file), nearest.difference);
  throw new TrunklineError(
    'BASELINE_MISSING',
    `Expected a baseline of ${wanted.scenario} in ${folder}, found none. Save one with --save-baseline ${folder}, on this class of machines, from the revision to compare with.`,
  );
}

/** Files of the scenario, with any hash and class of machines. */
function baselineFiles(folder: string, scenario: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    const cause = causeOf(error);
    throw new TrunklineError(
      'BASELINE_MISSING',
      `Expected a folder of baselines at ${folder}: ${cause}. Make one with --save-baseline.`,
    );
  }
  return names.filter((name) => name.startsWith(`${scenario}.`) && name.endsWith('.json')).sort();
}

function isOfClass(file: string, wanted: string): boolean {
  return file.split('.').at(-2) === wanted.split('.').at(-2);
}

function readOne(folder: string, name: string): Baseline {
  const path = join(folder, name);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const cause = causeOf(error);
    throw new TrunklineError('RESULT_UNREADABLE', `${path}: expected a baseline: ${cause}`);
  }
  return parseBaseline(text, path);
}

function mismatch(path: string, difference: string): TrunklineError {
  return new TrunklineError(
    'BASELINE_MISMATCH',
    `${path} is a baseline of something else: ${difference}. The two cannot be compared; save a new one with --save-baseline.`,
  );
}
