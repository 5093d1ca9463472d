/** `series.json`: the plan of a series and its completed runs, so that it can continue after any interruption. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { causeOf } from '../../base/cause-of.ts';
import { TrunklineError } from '../../base/errors.ts';
import { parseJson } from '../../result/parse-json.ts';
import { countOf } from '../../result/sections/schema-terms.ts';
import { unwritable } from './result-folder.ts';

export const SERIES_SCHEMA = 'trunkline.series/1';
const FILE = 'series.json';

const seriesSchema = z.strictObject({
  schema: z.literal(SERIES_SCHEMA),
  id: z.string(),
  startedAt: z.iso.datetime(),
  seed: countOf.describe('Determines which side runs first'),
  blocks: countOf.describe('Number of planned pairs; for a single side, of planned runs'),
  warmUps: countOf.describe('Number of warm-up runs, which do not count'),
  machineClass: z.string(),
  node: z.string().describe('Version of Node that runs it'),
  sides: z
    .array(
      z.strictObject({
        name: z.string(),
        scenarioHash: z.string(),
        commit: z.string().nullable(),
        code: z.string().describe('Digest of the code that runs it: a tree may have changes on top of its commit'),
      }),
    )
    .min(1)
    .max(2),
  runs: z.array(
    z.strictObject({
      index: countOf,
      block: countOf,
      side: countOf,
      resultId: z.string(),
      folder: z.string().describe('Of the result, below that of the series'),
    }),
  ),
});

export type SeriesFile = z.output<typeof seriesSchema>;

/** @throws SERIES_INVALID if there is no such file or it cannot be read. */
export async function readSeriesFile(folder: string): Promise<SeriesFile> {
  const path = join(folder, FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const cause = causeOf(error);
    throw new TrunklineError('SERIES_INVALID', `--resume ${folder}: expected the folder of a series: ${cause}`);
  }
  const parsed = seriesSchema.safeParse(parseJson(text, path));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TrunklineError(
    'SERIES_INVALID',
    `${path}: expected schema ${SERIES_SCHEMA}, found something else at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}. Start the series anew without --resume.`,
  );
}

/** Writes the file atomically. @throws OUTPUT_UNWRITABLE. */
export async function writeSeriesFile(folder: string, series: SeriesFile): Promise<void> {
  const path = join(folder, FILE);
  try {
    await writeFile(`${path}.part`, `${JSON.stringify(series, null, 1)}\n`);
    await rename(`${path}.part`, path);
  } catch (error) {
    throw unwritable(folder, error);
  }
}
