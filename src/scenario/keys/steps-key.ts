/** The key of steps: runs of a scenario one after another. */
import { z } from 'zod';
import { STEPS_MAX } from '../terms/limits.ts';
import { publishedKey } from './published-keys.ts';

const step = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$/, 'a name of letters, digits, dots and hyphens, at most 32')
    .describe('Short name; unique among the steps'),
  set: z
    .record(z.string(), z.unknown())
    .describe('Settings that this step changes: `{phones.count: 200k}`, any key but `name` and `steps`'),
  published: publishedKey.optional().describe('A published figure to print beside those of the step'),
});

export const stepsKey = z
  .array(step)
  .max(STEPS_MAX)
  .prefault([])
  .describe('Runs of this scenario one after another, each with settings of its own; none: a single run');
