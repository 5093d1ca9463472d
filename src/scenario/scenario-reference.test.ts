/** The generated reference: every key and metric has one row, and every row has the cells of its table. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scenarioJsonSchema, scenarioReference } from './scenario-reference.ts';
import { METRIC_NAMES } from './terms/metrics.ts';

const reference = scenarioReference();
const lines = reference.split('\n');

/** The rows of the tables with such a heading, cell by cell. */
function rowsBelow(heading: string): string[][] {
  const start = lines.indexOf(heading);
  assert.ok(start >= 0, heading);
  const rows: string[][] = [];
  for (let at = start + 2; lines[at]?.startsWith('|') === true; at++)
    rows.push((lines[at] ?? '').slice(2, -2).split(' | '));
  return rows;
}

interface Schema {
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly default?: unknown;
}

/** The paths of all keys that have no keys of their own, by the schema. */
function leaves({ properties = {} }: Schema, prefix = ''): string[] {
  return Object.entries(properties).flatMap(([key, one]) => {
    const path = `${prefix}${key}`;
    if (one.properties !== undefined) return leaves(one, `${path}.`);
    return one.items?.properties === undefined ? [path] : [path, ...leaves(one.items, `${path}[].`)];
  });
}

describe('the reference of scenarios', () => {
  const keys = rowsBelow('| key | default | meaning |');

  it('has one row for each key, in the order of the schema', () => {
    const paths = leaves(scenarioJsonSchema() as Schema); // JSON Schema of an object
    assert.ok(paths.length > 60, `${paths.length} keys`);
    assert.deepEqual(
      keys.map(([name]) => name),
      paths.map((path) => `\`${path}\``),
    );
  });

  it('says of each key what it means, in a cell that breaks no table', () => {
    for (const cells of keys) {
      assert.equal(cells.length, 3, cells.join(' | '));
      const [name = '', , meaning = ''] = cells;
      assert.match(meaning, /^\S.{5,}/, `${name} has a meaning`);
      assert.ok(!/\s\|\s/.test(meaning), `${name} has a bar`);
      assert.ok(meaning.length < 1000, `${name} has a cell of ${meaning.length} characters`);
    }
  });

  it('gives a default that can be written into a scenario, or says that the key is required', () => {
    const fallbacks = new Map(keys.map(([name = '', fallback = '']) => [name, fallback]));
    for (const [name, fallback] of fallbacks) assert.match(fallback, /^(`[^`]*`|\*\*required\*\*|)$/, name);
    assert.ok([...fallbacks.values()].filter((one) => one.startsWith('`')).length > 40);
    assert.ok([...fallbacks.values()].every((one) => !/undefined|\[object/.test(one)));
  });

  it('has one row for each metric', () => {
    const metrics = rowsBelow('| metric | aggregations | unit | about |');
    assert.deepEqual(
      metrics.map(([name]) => name),
      METRIC_NAMES.map((name) => `\`${name}\``),
    );
    for (const cells of metrics) {
      assert.equal(cells.length, 4, cells.join(' | '));
      assert.match(
        cells[1] ?? '',
        cells[0]?.startsWith('`latency.') === true ? /`p\(/ : /^`(value|rate|count)/,
        cells[0],
      );
    }
  });

  it('is the same each time, so that the build changes no file without a reason', () => {
    assert.equal(scenarioReference(), reference);
    assert.ok(reference.endsWith('|\n'));
  });
});
