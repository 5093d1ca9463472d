/**
 * The pages of series of runs as text: steps side by side, and repeated runs. Their command is the one that was typed.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { pageHtml } from '../../report/html/page.ts';
import type { PageSource } from '../../report/html/provenance.ts';
import { repeatPage } from '../../report/html/run/repeat-page.ts';
import { stepsPage } from '../../report/html/run/steps-page.ts';
import type { Result } from '../../result/result-schema.ts';
import type { Steps } from '../../result/steps-schema.ts';
import { resultFiles } from '../../run/series/read-results.ts';
import { readPageAssets } from './read-page-assets.ts';
import { type RepeatCommand, shellCommand } from './repeat-command.ts';
import { pageSource } from './run-page-html.ts';

/** @param folder the folder of the series, with `steps.json` and the folders of its runs. */
export function stepsPageHtml(steps: Steps, folder: string): string {
  const files = steps.steps.flatMap(({ resultFile }) => (resultFile === null ? [] : [resultFile]));
  const sources = ['steps.json', ...files].map((file) => sourceIn(folder, file));
  return pageHtml(stepsPage(steps, { ...typedRepeat(), sources }), readPageAssets());
}

/** @param folder the folder of the series, with the folders of its runs. */
export function repeatPageHtml(results: readonly Result[], folder: string): string {
  const sources = resultFiles(folder).map((file) => sourceIn(folder, relative(folder, file)));
  return pageHtml(repeatPage(results, { folder, ...typedRepeat(), sources }), readPageAssets());
}

/** How to repeat what this process does. */
export function typedRepeat(): RepeatCommand {
  return {
    commands: [typedCommand()],
    differences: ['Every setting that differs from the scenario is in the command.'],
  };
}

/** The command line of this process. It holds no secret: those come from the environment or from files. */
function typedCommand(): string {
  return shellCommand(process.argv.slice(2));
}

function sourceIn(folder: string, file: string): PageSource {
  return pageSource(file, readFileSync(`${folder}/${file}`));
}
