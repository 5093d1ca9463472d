/** `trunkline metrics`: lists the names that thresholds, limits, rules and comparisons accept. */
import type { CommandModule } from 'yargs';
import { metricsJson, metricsMarkdown, metricsText } from '../../report/run/metrics-text.ts';
import { formatOption, type OutputFormat, printAs } from '../options/output-format.ts';
import { terminalPalette } from '../terminal/terminal-palette.ts';

export interface MetricsArguments {
  readonly format: OutputFormat;
}

export function metricsCommand(): CommandModule<object, MetricsArguments> {
  return {
    command: 'metrics',
    describe: 'List all metrics that rules, limits and thresholds accept, with their units',
    builder: (yargs) =>
      formatOption(yargs)
        .example('$0 metrics', 'Names, aggregations, units and descriptions')
        .epilogue('Exit codes: 0 listed, 2 usage.'),
    handler: ({ format }) =>
      printAs(format, {
        text: () => metricsText(terminalPalette(process.stdout, process.env)),
        json: metricsJson,
        markdown: metricsMarkdown,
      }),
  };
}
