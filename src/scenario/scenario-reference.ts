/** The reference of scenarios, written from the schema that checks them. */
import { z } from 'zod';
import { scenarioSchema } from './scenario-schema.ts';
import { METRICS } from './threshold.ts';

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
  const metrics = Object.entries(METRICS).map(
    ([name, { kind, about }]) => `| \`${name}\` | ${AGGREGATIONS[kind]} | ${about} |`,
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
    "    set: { phones.count: 200k, thresholds.held: 'value>=200000' }",
    '    published: { figure: about 200k connections a server, source: "Rick Reed, Erlang Factory SF 2012" }',
    '```',
    '',
    '## Thresholds',
    '',
    "`metric: expression`, or a list of expressions, in k6's grammar: `delivery: p(99)<5ms`, `messages: rate>=400k`, `lost: value==0`.",
    'A metric that does not exist is an error. What could not be measured has not passed.',
    '',
    '| metric | aggregations | about |',
    '|---|---|---|',
    ...metrics,
    '',
  ].join('\n');
}

const AGGREGATIONS = {
  trend: '`avg` `min` `max` `med` `p(N)`',
  counter: '`count` `rate`',
  bytes: '`value`',
  micros: '`value`',
  value: '`value`',
} as const;

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
