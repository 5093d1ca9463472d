/** The dashboard in `docs` asks for what a scrape has, and for all of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { EVENTS, KNOWN, RUN } from './made-stream.test-suite.ts';
import { PrometheusStream } from './prometheus-stream.ts';

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

interface Dashboard {
  readonly annotations: { readonly list: readonly { readonly expr: string; readonly titleFormat: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
    readonly targets: readonly Target[];
  }[];
}

const FILE = new URL('../../../docs/grafana-dashboard.json', import.meta.url);
const dashboard = JSON.parse(readFileSync(FILE, 'utf8')) as Dashboard; // its shape is what the tests below are about
const panels = dashboard.panels.flatMap(({ targets }) => targets);
const queries: readonly Target[] = [
  ...panels,
  ...dashboard.annotations.list.map(({ expr, titleFormat }) => ({ expr, legendFormat: titleFormat })),
];
const METRIC = /\btrunkline_[a-z_]+/g;

/** Labels of each sample of a scrape, by metric. */
let scraped: Map<string, Record<string, string>[]>;

before(async () => {
  const stream = await PrometheusStream.open('127.0.0.1', 0, 'x', assert.fail);
  try {
    stream.begin(RUN);
    stream.interval(KNOWN, EVENTS);
    scraped = new Map();
    for (const [, name = '', labels = ''] of (await (await fetch(stream.url)).text()).matchAll(
      /^(\w+)(?:\{(.*)\})? /gm,
    )) {
      const named = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]);
      scraped.set(name, [...(scraped.get(name) ?? []), Object.fromEntries(named)]);
    }
  } finally {
    await stream.close();
  }
});

describe('the Grafana dashboard', () => {
  it('asks only for metrics that a scrape has, with labels that they have', () => {
    assert.ok(queries.length > 15);
    for (const { expr, legendFormat } of queries) {
      const names = expr.match(METRIC) ?? [];
      assert.equal(names.length, 1, expr);
      const samples = scraped.get(names[0] ?? '');
      assert.ok(samples !== undefined, `${names[0]} is not in a scrape`);
      const wanted = [...expr.matchAll(/(\w+)="([^"]*)"/g)].filter(([, label]) => label !== 'instance');
      const found = samples.filter((labels) => wanted.every(([, label = '', value]) => labels[label] === value));
      assert.ok(found.length > 0, `${expr} finds nothing`);
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        assert.ok(
          found.every((labels) => label in labels),
          `${legendFormat}: ${expr} has no ${label}`,
        );
      const inLegend = new Set([...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label));
      assert.ok(found.length === 1 || inLegend.size > 0, `${expr}: several lines with the same name`);
    }
    const variables = dashboard.templating.list.flatMap(({ definition }) => definition?.match(METRIC) ?? []);
    for (const name of variables) assert.ok(scraped.has(name), name);
  });

  it('shows every metric of a scrape', () => {
    const shown = new Set(queries.flatMap(({ expr }) => expr.match(METRIC) ?? []));
    assert.deepEqual(
      [...scraped.keys()].filter((name) => !shown.has(name)),
      [],
    );
  });

  it('takes rates of what adds up, and of nothing else', () => {
    for (const { expr } of panels) {
      const isTotal = /_total/.test(expr) && !/trunkline_intervals_total/.test(expr);
      assert.equal(/^rate\(/.test(expr), isTotal, expr);
    }
  });

  it('has panels of different names and numbers that do not overlap', () => {
    const { panels: all } = dashboard;
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    assert.equal(new Set(all.map(({ title }) => title)).size, all.length);
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length);
    assert.ok(all.every(({ gridPos: { x, w } }) => x + w <= 24));
  });
});
