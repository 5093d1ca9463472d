/** The page of an outcome as text, from the outcome and the file that holds it. */
import { CAPACITY_SCHEMA } from '../../analysis/capacity/capacity-schema.ts';
import { COMPARISON_SCHEMA } from '../../analysis/comparison/comparison-schema.ts';
import { NOISE_FLOORS_SCHEMA } from '../../analysis/comparison/noise-floors-schema.ts';
import { GATE_SCHEMA } from '../../analysis/gate/gate-schema.ts';
import { HISTORY_SCHEMA } from '../../analysis/history/history-schema.ts';
import { LADDER_SCHEMA } from '../../analysis/ladder/ladder-schema.ts';
import { SIMULATION_SCHEMA } from '../../analysis/simulation/simulation-schema.ts';
import type { StoredOutcome } from '../../analysis/stored-outcome.ts';
import { capacityPage } from '../../report/html/capacity/capacity-page.ts';
import { comparisonPage } from '../../report/html/comparison/comparison-page.ts';
import { noiseFloorsPage } from '../../report/html/comparison/noise-floors-page.ts';
import { gatePage } from '../../report/html/gate/gate-page.ts';
import { historyPage } from '../../report/html/history/history-page.ts';
import { ladderPage } from '../../report/html/ladder/ladder-page.ts';
import { type Page, pageHtml } from '../../report/html/page.ts';
import type { PageSource } from '../../report/html/provenance.ts';
import { simulationPage } from '../../report/html/simulation/simulation-page.ts';
import { readPageAssets } from './read-page-assets.ts';
import { pageSource } from './run-page-html.ts';

/** @param json the stored text of the outcome. @param file its path, as the page names it. */
export function outcomePageHtml(outcome: StoredOutcome, json: string, file: string): string {
  return pageHtml(pageOf(outcome, pageSource(file, json)), readPageAssets());
}

function pageOf(outcome: StoredOutcome, source: PageSource): Page {
  switch (outcome.schema) {
    case COMPARISON_SCHEMA:
      return comparisonPage(outcome, source);
    case NOISE_FLOORS_SCHEMA:
      return noiseFloorsPage(outcome, source);
    case GATE_SCHEMA:
      return gatePage(outcome, source);
    case CAPACITY_SCHEMA:
      return capacityPage(outcome, source);
    case LADDER_SCHEMA:
      return ladderPage(outcome, source);
    case HISTORY_SCHEMA:
      return historyPage(outcome, source);
    case SIMULATION_SCHEMA:
      return simulationPage(outcome, source);
  }
}
