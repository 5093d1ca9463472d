/** The page of a run as text, from its result and the file that holds it. */
import { createHash } from 'node:crypto';
import { pageHtml } from '../../report/html/page.ts';
import { runPage } from '../../report/html/run/run-page.ts';
import type { Result } from '../../result/result-schema.ts';
import { readPageAssets } from './page-assets.ts';

/** @param json the stored text of the result. @param file its path, as the page names it. */
export function runPageHtml(result: Result, json: string, file: string): string {
  const source = { file, sha256: createHash('sha256').update(json).digest('hex') };
  return pageHtml(runPage(result, { commands: [], differences: [], source }), readPageAssets());
}
