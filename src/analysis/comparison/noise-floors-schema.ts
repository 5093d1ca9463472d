/** The stored form of noise floors, written by `aa` and read by gates. */
import { z } from 'zod';
import { firstIssue } from '../../result/first-issue.ts';
import { parseJson, unreadable } from '../../result/parse-json.ts';
import { commandLine } from '../../result/sections/schema-terms.ts';

export const NOISE_FLOORS_SCHEMA = 'trunkline.noise-floors/1';

const shareOrNull = z.number().min(0).nullable();
const count = z.number().int().min(0);

const noiseFloor = z.strictObject({
  metric: z.string(),
  pairs: count.describe('Number of pairs on which it is based'),
  floorShare: shareOrNull.describe('The end of the A/A interval that is farther from 0; null with too few pairs'),
  smallestDetectableShare: shareOrNull.describe(
    'Smallest change that the planned pairs detect with a probability of 0.8',
  ),
  smallestDifferenceShare: z.number(),
  isUsable: z.boolean().describe('Whether the metric may gate'),
  sentence: z.string(),
});

export const noiseFloorsSchema = z.strictObject({
  schema: z.literal(NOISE_FLOORS_SCHEMA),
  scenario: z.string(),
  machineClass: z.string(),
  confidence: z.number(),
  plannedPairs: count,
  pairs: z.strictObject({ planned: count, valid: count }),
  floors: z.array(noiseFloor),
  command: commandLine,
});

export type NoiseFloor = z.output<typeof noiseFloor>;
export type NoiseFloors = z.output<typeof noiseFloorsSchema>;

/**
 * Parses stored noise floors.
 *
 * @param file name of the file, for messages.
 * @throws RESULT_UNREADABLE.
 */
export function parseNoiseFloors(text: string, file: string): NoiseFloors {
  const value = parseJson(text, file);
  const parsed = noiseFloorsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw unreadable(`${file}: not noise floors: ${firstIssue(parsed.error, value)}`);
}
