/** The files that a gate writes: JSON with everything, and the formats of CI systems. */
import { appendFileSync, writeFileSync } from 'node:fs';
import type { Argv } from 'yargs';
import type { GateOutcome } from '../../../analysis/gate/gate-schema.ts';
import { gateAnnotations } from '../../../report/gate/gate-annotations.ts';
import { gateComment } from '../../../report/gate/gate-comment.ts';
import { gateJUnit } from '../../../report/gate/gate-junit.ts';
import { gateStepSummary } from '../../../report/gate/gate-step-summary.ts';
import { trendEntries } from '../../../report/history/trend-entries.ts';
import type { Result } from '../../../result/result-schema.ts';
import { ResultFolder, unwritableFile } from '../../../run/series/result-folder.ts';
import { type PageFormat, pageFormatOption } from '../../options/output-format.ts';
import { printOutcome, storeOutcome } from '../../pages/report-outcome.ts';

export interface GateOutputs {
  readonly format: PageFormat;
  readonly quiet: boolean;
  readonly junit: string | undefined;
  readonly summary: string | undefined;
  readonly comment: string | undefined;
  readonly trend: string | undefined;
  readonly trendMore: string | undefined;
}

export function gateOutputOptions<Before>(yargs: Argv<Before>): Argv<Before & GateOutputs> {
  return pageFormatOption(yargs)
    .option('junit', { type: 'string', describe: 'File for JUnit XML' })
    .option('summary', { type: 'string', describe: 'File to append Markdown to; by default GITHUB_STEP_SUMMARY' })
    .option('comment', { type: 'string', describe: 'File for Markdown that fits a comment on a pull request' })
    .option('trend', { type: 'string', describe: 'File for trend entries where less is better' })
    .option('trend-more', {
      type: 'string',
      describe: 'File for trend entries where more is better',
    }) as unknown as Argv<Before & GateOutputs>; // yargs turns trend-more into trendMore
}

/** @throws OUTPUT_UNWRITABLE or, at the end, RESULT_INVALID: a gate whose outcome cannot be read has not passed. */
export async function writeGate(
  gate: GateOutcome,
  candidates: readonly Result[],
  folder: string,
  outputs: GateOutputs,
): Promise<void> {
  const { format, junit, summary, comment, trend, trendMore } = outputs;
  const fault = await storeOutcome(gate, folder, outputs);
  await ResultFolder.existing(folder).writeText('comment.md', gateComment(gate));
  if (comment !== undefined) write(comment, gateComment(gate), writeFileSync);
  if (junit !== undefined) write(junit, gateJUnit(gate), writeFileSync);
  const page = summary ?? process.env['GITHUB_STEP_SUMMARY'];
  if (page) write(page, gateStepSummary(gate), appendFileSync); // GitHub shows the text of all steps
  const chart = (better: 'less' | 'more'): string => `${JSON.stringify(trendEntries(candidates, better), null, 1)}\n`;
  if (trend !== undefined) write(trend, chart('less'), writeFileSync);
  if (trendMore !== undefined) write(trendMore, chart('more'), writeFileSync);
  printOutcome(gate, folder, outputs);
  const annotations = process.env['GITHUB_ACTIONS'] === 'true' && format === 'text' ? gateAnnotations(gate) : [];
  for (const line of annotations) process.stdout.write(`${line}\n`);
  if (fault !== null) throw fault;
}

function write(file: string, text: string, how: (file: string, text: string) => void): void {
  try {
    how(file, text);
  } catch (error) {
    throw unwritableFile(file, error);
  }
}
