/** The page of a run as text, from its result and the file that holds it. */
import { createHash } from 'node:crypto';
import { type PageSection, pageHtml } from '../../report/html/page.ts';
import type { PageSource } from '../../report/html/provenance.ts';
import { runPage } from '../../report/html/run/run-page.ts';
import type { Result } from '../../result/result-schema.ts';
import { readPageAssets } from './read-page-assets.ts';
import { type RepeatCommand, repeatCommand } from './repeat-command.ts';

/** A file that a page is made from, with its digest. @param text the whole file. */
export function pageSource(file: string, text: string | Uint8Array): PageSource {
  return { file, sha256: createHash('sha256').update(text).digest('hex') };
}

/**
 * @param source the file of the result.
 * @param repeat how to repeat the run; by default the command that the result implies.
 * @param moreSections sections from other files of the run, such as its profiles.
 */
export function runPageHtml(
  result: Result,
  source: PageSource,
  repeat: RepeatCommand = repeatCommand(result),
  moreSections: readonly PageSection[] = [],
): string {
  return pageHtml(runPage(result, { ...repeat, source, moreSections }), readPageAssets());
}
