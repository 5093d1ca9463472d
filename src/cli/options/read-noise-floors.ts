/** Reads noise floors that `trunkline aa` stored. */
import { type NoiseFloors, parseNoiseFloors } from '../../analysis/comparison/noise-floors-schema.ts';
import { TrunklineError } from '../../base/errors.ts';
import { readText } from './read-text.ts';

/** @throws RESULT_UNREADABLE. */
export function readNoiseFloors(file: string): NoiseFloors {
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new TrunklineError(
      'RESULT_UNREADABLE',
      `--noise-floors ${file}: expected a file that trunkline aa stored: ${cause}`,
    );
  }
  return parseNoiseFloors(text, file);
}
