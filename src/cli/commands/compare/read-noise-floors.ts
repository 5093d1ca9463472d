/** Reads noise floors that `trunkline aa` stored. */
import { type NoiseFloors, parseNoiseFloors } from '../../../analysis/comparison/noise-floors-schema.ts';
import { readText } from '../../options/read-text.ts';

/** @throws RESULT_UNREADABLE. */
export function readNoiseFloors(file: string): NoiseFloors {
  const expected = `--noise-floors ${file}: expected a file that trunkline aa stored`;
  return parseNoiseFloors(readText(file, 'RESULT_UNREADABLE', expected), file);
}
