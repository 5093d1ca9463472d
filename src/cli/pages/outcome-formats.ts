/** An outcome in each format that a command prints. */
import { basename } from 'node:path';
import { CAPACITY_SCHEMA } from '../../analysis/capacity/capacity-schema.ts';
import { COMPARISON_SCHEMA } from '../../analysis/comparison/comparison-schema.ts';
import { NOISE_FLOORS_SCHEMA } from '../../analysis/comparison/noise-floors-schema.ts';
import { GATE_SCHEMA } from '../../analysis/gate/gate-schema.ts';
import { HISTORY_SCHEMA } from '../../analysis/history/history-schema.ts';
import { LADDER_SCHEMA } from '../../analysis/ladder/ladder-schema.ts';
import { SIMULATION_SCHEMA } from '../../analysis/simulation/simulation-schema.ts';
import type { StoredOutcome } from '../../analysis/stored-outcome.ts';
import { capacityMarkdown } from '../../report/capacity/capacity-markdown.ts';
import { capacityText } from '../../report/capacity/capacity-text.ts';
import { comparisonMarkdown } from '../../report/comparison/comparison-markdown.ts';
import { comparisonTable } from '../../report/comparison/comparison-table.ts';
import { noiseFloorsMarkdown, noiseFloorsTable } from '../../report/comparison/noise-floors-table.ts';
import { gateStepSummary } from '../../report/gate/gate-step-summary.ts';
import { gateText } from '../../report/gate/gate-text.ts';
import { historyMarkdown, historyTable } from '../../report/history/history-table.ts';
import { historyText } from '../../report/history/history-text.ts';
import { ladderMarkdown } from '../../report/ladder/ladder-markdown.ts';
import { ladderText } from '../../report/ladder/ladder-text.ts';
import { simulationMarkdown } from '../../report/simulation/simulation-markdown.ts';
import { simulationText } from '../../report/simulation/simulation-text.ts';
import type { Palette } from '../../report/text/palette.ts';
import { printable, printableOutcome } from '../../report/text/printable.ts';
import type { PageFormat } from '../options/output-format.ts';
import { outcomePageHtml } from './outcome-page-html.ts';

export interface OutcomeSource {
  /** The outcome as stored. */
  readonly json: string;
  /** Where it is stored, or would be. */
  readonly path: string;
}

/** Only the formats that are called are generated. */
export function outcomeFormats(
  outcome: StoredOutcome,
  { json, path }: OutcomeSource,
  palette: Palette,
): Readonly<Record<PageFormat, () => string>> {
  return {
    text: () => textOf(printableOutcome(outcome), printable(path), palette),
    json: () => json,
    markdown: () => markdownOf(outcome),
    html: () => outcomePageHtml(outcome, json, basename(path)),
  };
}

function textOf(outcome: StoredOutcome, path: string, palette: Palette): string {
  switch (outcome.schema) {
    case COMPARISON_SCHEMA:
      return comparisonTable(outcome, palette);
    case NOISE_FLOORS_SCHEMA:
      return noiseFloorsTable(outcome, path, palette);
    case GATE_SCHEMA:
      return gateText(outcome, palette);
    case CAPACITY_SCHEMA:
      return `${capacityText(outcome, palette)}\n\n${path}`;
    case LADDER_SCHEMA:
      return `${ladderText(outcome, palette)}\n\n${path}`;
    case HISTORY_SCHEMA:
      return [historyTable(outcome, palette), historyText(outcome, palette)].filter((part) => part !== '').join('\n\n');
    case SIMULATION_SCHEMA:
      return `${simulationText(outcome, palette)}\n\n${path}`;
  }
}

function markdownOf(outcome: StoredOutcome): string {
  switch (outcome.schema) {
    case COMPARISON_SCHEMA:
      return comparisonMarkdown(outcome);
    case NOISE_FLOORS_SCHEMA:
      return noiseFloorsMarkdown(outcome);
    case GATE_SCHEMA:
      return gateStepSummary(outcome);
    case CAPACITY_SCHEMA:
      return capacityMarkdown(outcome);
    case LADDER_SCHEMA:
      return ladderMarkdown(outcome);
    case HISTORY_SCHEMA:
      return historyMarkdown(outcome);
    case SIMULATION_SCHEMA:
      return simulationMarkdown(outcome);
  }
}
