/** Finds a scenario by the name of a shipped one, or by the path of a file. */
import { findText, type NamedText, SCENARIOS, shippedNames } from './shipped-files.ts';

export type ScenarioText = NamedText;

/** Names of shipped scenarios with this prefix, for completion. */
export function completeScenario(current: string): string[] {
  return shippedNames(SCENARIOS).filter((name) => name.startsWith(current));
}

/** @throws SCENARIO_UNKNOWN or SCENARIO_UNREADABLE. */
export async function findScenario(nameOrPath: string): Promise<ScenarioText> {
  return findText(SCENARIOS, nameOrPath);
}
