/** The reference of scenarios, written from the schema that checks them. */
import { z } from 'zod';
import { METRICS, type MetricEntry } from './metrics.ts';
import { scenarioSchema } from './scenario-schema.ts';
import { aggregationsOf } from './threshold.ts';

interface Property {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
  readonly items?: Property;
}

/** JSON Schema of what a scenario file may say. */
export function scenarioJsonSchema(): object {
  return { title: 'trunkline scenario', ...z.toJSONSchema(scenarioSchema, { io: 'input' }) };
}

/** The reference as Markdown. */
export function scenarioReference(): string {
  const schema = scenarioJsonSchema() as Property; // JSON Schema of an object
  const metrics = Object.entries<MetricEntry>(METRICS).map(
    ([name, entry]) =>
      `| \`${name}\` | ${aggregationsOf(entry).map(code).join(' ')} | ${entry.unit} | ${entry.about} |`,
  );
  return [
    '# Scenarios',
    '',
    'Written by the build from the schema that checks scenarios; edit that instead.',
    '',
    'A scenario is a YAML file. Counts take `k`, `M`, `G` and underscores (`250k`, `1_050_000`), rates may end in `/s`, lengths',
    'of time have units (`500ms`, `1h30m`), sizes have units (`64B`, `1MiB`), shares are `0.05` or `5%`.',
    '`--set switch.shards=4` puts any value in from the command line.',
    '',
    '## Keys',
    '',
    '| key | default | meaning |',
    '|---|---|---|',
    ...rows(schema, ''),
    '',
    '## Steps',
    '',
    'A scenario with `steps` is run once for each, in processes of their own, and ends with one table of them side by side. What a step',
    'sets comes over what the scenario says, and `--set` over both; `--step NAME` runs only that one. A step that does not fit',
    'the machine ends the series: those after it are not run.',
    '',
    '```yaml',
    'steps:',
    '  - name: 200k',
    "    set: { phones.count: 200k, thresholds.connections.held: 'value>=200000' }",
    '    published: { figure: about 200k connections a server, source: "Rick Reed, Erlang Factory SF 2012" }',
    '```',
    '',
    '## Thresholds',
    '',
    "`metric: condition`, or a list of conditions, in k6's grammar: `latency.delivery: p(99)<5ms`, `integrity.lost: value==0`,",
    '`throughput.messagesPerSecond: rate>=400k`. A metric that does not exist is an error. What could not be measured has not passed.',
    'Of a latency at or above the range of the histograms (`rangeMicros` in a result) only that is known: it breaks limits below the range, and has',
    'not passed those above it.',
    '',
    'The names are those of `trunkline metrics`. Limits of `capacity` and rules of a gate are written in the same words:',
    "`--limit 'latency.delivery: p(99)<5ms'`, `latency.delivery p(99) < 5ms`. `rate` and `value` may be left out.",
    '',
    '| metric | aggregations | unit | about |',
    '|---|---|---|---|',
    ...metrics,
    '',
  ].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

function rows(schema: Property, prefix: string): string[] {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const name = `${prefix}${key}`;
    if (property.properties !== undefined) return rows(property, `${name}.`);
    const own = `| \`${name}\` | ${required.includes(key) ? '**required**' : fallback(property)} | ${about(property)} |`;
    return property.items?.properties === undefined ? [own] : [own, ...rows(property.items, `${name}[].`)];
  });
}

function fallback(property: Property): string {
  return property.default === undefined ? '' : `\`${JSON.stringify(property.default).replaceAll('"', '')}\``;
}

function about(property: Property): string {
  const choice = property.enum === undefined ? '' : `: ${property.enum.map((one) => `\`${String(one)}\``).join(', ')}`;
  return `${property.description ?? ''}${choice}`;
}
