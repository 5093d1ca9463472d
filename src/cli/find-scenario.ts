/** Finds a scenario by the name of a shipped one or by the path of a file. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { TrunklineError } from '../base/errors.ts';
import { nearest } from '../scenario/nearest.ts';

const SHIPPED = fileURLToPath(new URL('../../scenarios/', import.meta.url));
const ENDING = '.yaml';

export interface ScenarioText {
  /** How messages name the file. */
  readonly file: string;
  readonly text: string;
}

/** Names of the scenarios that come with trunkline. */
export async function shippedScenarios(): Promise<string[]> {
  const files = await readdir(SHIPPED);
  return files.filter((file) => file.endsWith(ENDING)).map((file) => file.slice(0, -ENDING.length));
}

/** Names of shipped scenarios that begin so: for completion. */
export async function completeScenario(current: string): Promise<string[]> {
  return (await shippedScenarios()).filter((name) => name.startsWith(current));
}

/** @throws SCENARIO_UNKNOWN or SCENARIO_UNREADABLE. */
export async function findScenario(nameOrPath: string): Promise<ScenarioText> {
  const shipped = await shippedScenarios();
  if (shipped.includes(nameOrPath)) {
    const file = `scenarios/${nameOrPath}${ENDING}`;
    return { file, text: await readText(`${SHIPPED}${nameOrPath}${ENDING}`, file) };
  }
  if (!/[./\\]/.test(nameOrPath)) {
    throw new TrunklineError(
      'SCENARIO_UNKNOWN',
      `There is no scenario "${nameOrPath}"${nearest(nameOrPath, shipped)}. Shipped: ${shipped.join(', ')}; or give the path of a YAML file.`,
    );
  }
  return { file: nameOrPath, text: await readText(nameOrPath, nameOrPath) };
}

async function readText(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new TrunklineError('SCENARIO_UNREADABLE', `${file}: expected a YAML file that can be read: ${cause}`);
  }
}
