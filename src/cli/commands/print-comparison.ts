/** Prints a comparison, and stores it beside its runs. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../../analysis/comparison/comparison-schema.ts';
import { comparisonMarkdown } from '../../report/comparison/comparison-markdown.ts';
import { comparisonTable } from '../../report/comparison/comparison-table.ts';
import { outcomeJson } from '../../report/text/outcome-json.ts';
import { unwritable } from '../../run/series/result-folder.ts';
import { type OutputFormat, printAs } from '../options/output-format.ts';
import { terminalPalette } from '../terminal/terminal-palette.ts';

/** @param folder of the series; null for stored results of other series. */
export function printComparison(comparison: Comparison, format: OutputFormat, folder: string | null): void {
  if (folder !== null) writeInto(folder, 'comparison.json', outcomeJson(comparison));
  printAs(format, {
    text: () => comparisonTable(comparison, terminalPalette(process.stdout, process.env)),
    json: () => outcomeJson(comparison),
    markdown: () => comparisonMarkdown(comparison),
  });
}

/** Writes a file of a folder atomically. @throws OUTPUT_UNWRITABLE. */
export function writeInto(folder: string, file: string, text: string): void {
  const path = join(folder, file);
  try {
    writeFileSync(`${path}.part`, text);
    renameSync(`${path}.part`, path);
  } catch (error) {
    throw unwritable(folder, error);
  }
}
