/**
 * The pages of outcomes without a browser: sound HTML with any names, and the figures of the outcome in their tables.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { CapacityOutcome, CapacityTrial } from '../../analysis/capacity/capacity-schema.ts';
import { concludeCapacity } from '../../analysis/capacity/conclude-capacity.ts';
import { judgeTrial } from '../../analysis/capacity/judge-trial.ts';
import { CAPACITY_GOAL, mlrSearchStep } from '../../analysis/capacity/mlr-search-step.ts';
import { comparePairs } from '../../analysis/comparison/compare-pairs.ts';
import type { Comparison } from '../../analysis/comparison/comparison-schema.ts';
import { madePairs, madeResult, noiseFactors } from '../../analysis/comparison/made-results.test-suite.ts';
import { measureNoiseFloors } from '../../analysis/comparison/measure-noise-floors.ts';
import { asEarlierLook, evaluateGate } from '../../analysis/gate/evaluate-gate.ts';
import { parseGateRules } from '../../analysis/gate/gate-rules.ts';
import type { GateOutcome } from '../../analysis/gate/gate-schema.ts';
import { changeHistory } from '../../analysis/history/change-history.ts';
import type { ChangeHistory } from '../../analysis/history/history-schema.ts';
import type { LadderOutcome } from '../../analysis/ladder/ladder-schema.ts';
import { parseStoredOutcome } from '../../analysis/stored-outcome.ts';
import { formatCount } from '../../base/units.ts';
import { capacityPage } from './capacity/capacity-page.ts';
import { comparisonPage } from './comparison/comparison-page.ts';
import { noiseFloorsPage } from './comparison/noise-floors-page.ts';
import { gatePage } from './gate/gate-page.ts';
import { historyPage } from './history/history-page.ts';
import { ladderPage } from './ladder/ladder-page.ts';
import { type Page, pageHtml } from './page.ts';
import {
  assertSound,
  elementsOf,
  type PageElement,
  readPage,
  tableOf,
  tablesOf,
  textOf,
} from './read-page.test-suite.ts';

const HOSTILE = `<script>alert("1")</script>&'</td><!--`;
const SOURCE = { file: HOSTILE, sha256: 'ab'.repeat(32) };
const ASSETS = { script: { text: 'run()', digest: 'YQ==' }, style: { text: 'p{}', digest: 'YQ==' } };
const METRIC = 'memory.switch.bytesPerConnection';
const LADDER_FILE = new URL('../../../results/reference/ladder-ws-to-tcp.json', import.meta.url);

const read = (page: Page): PageElement => readPage(pageHtml(page, ASSETS));

function madeComparison(): Comparison {
  const environment = { machineClass: HOSTILE };
  const pairs = madePairs({ bytesRatio: 1.1, spreadShare: 0.02, base: { environment }, candidate: { environment } });
  return comparePairs(
    pairs.map((pair, i) => (i === 3 ? { ...pair, candidate: madeResult({ environment, tripped: 'steady' }) } : pair)),
    { baseName: HOSTILE, candidateName: `new ${HOSTILE}`, command: `trunkline compare '${HOSTILE}'` },
  );
}

function madeGate(): GateOutcome {
  const rules = parseGateRules(
    `looks: [10, 16]\nabsolute: [${METRIC} < 30B, integrity.lost == 0, memory.kernel.bytesPerConnection < 1KiB]\nrelative: [latency.delivery p(99) within 0.1%]`,
    'gate.yaml',
  );
  const first = evaluateGate(rules, { pairs: madePairs({ spreadShare: 0.02 }) });
  const earlierLooks = [{ ...asEarlierLook(first), sentence: HOSTILE }];
  return { ...evaluateGate(rules, { pairs: madePairs({ spreadShare: 0.02 }) }, { earlierLooks }), scenario: HOSTILE };
}

/** A switch that carries 40,000 messages per second, disturbed in every seventh trial. */
function madeCapacity(): CapacityOutcome {
  const range = { lowestLoad: 100, highestLoad: 1e6, firstLoad: 2000 };
  const trials: CapacityTrial[] = [];
  const trial = (load: number): CapacityTrial => ({
    ...judgeTrial(madeResult({ p99Micros: 1000 + load / 10 }), 'messages', load, []),
    load,
    isGood: load <= 40_000,
    isValid: trials.length % 7 !== 3,
    invalidReason: trials.length % 7 === 3 ? HOSTILE : null,
  });
  for (let step = mlrSearchStep(trials, range, CAPACITY_GOAL); step.kind === 'trial'; ) {
    trials.push(trial(step.load));
    step = mlrSearchStep(trials, range, CAPACITY_GOAL);
  }
  const order = {
    over: 'messages',
    ownLoad: 100_000,
    scenario: HOSTILE,
    transport: 'memory',
    isSimulated: true,
  } as const;
  const limits = ['latency.delivery p(99)<20ms'];
  return concludeCapacity(
    {
      ...order,
      machineClass: HOSTILE,
      limits,
      range,
      rangeEnd: HOSTILE,
      goal: CAPACITY_GOAL,
      published: [],
      command: null,
    },
    trials,
    [{ resultId: HOSTILE, seconds: 60, trial: { ...trial(39_000), isValid: true, invalidReason: null } }],
  );
}

/** Two changes, on two classes of machines. */
function madeHistory(): ChangeHistory {
  const next = noiseFactors(4, 0.01);
  const results = Array.from({ length: 60 }, (_, i) =>
    madeResult({
      id: `run-${i} ${HOSTILE}`,
      startedAt: new Date(Date.UTC(2026, 0, 1 + i)).toISOString(),
      commit: i < 30 ? HOSTILE : 'b'.repeat(40),
      bytesPerConnection: (i < 30 ? 40 : 44) * next(),
      ...(i % 2 === 0 ? { environment: { machineClass: HOSTILE } } : {}),
    }),
  );
  return changeHistory(results, { seed: 1, metrics: [METRIC] });
}

function madeLadder(): LadderOutcome {
  const stored = parseStoredOutcome(readFileSync(LADDER_FILE, 'utf8'), 'ladder');
  if (stored === null || !('rungs' in stored)) assert.fail('it is a ladder');
  const [first, ...others] = stored.rungs;
  assert.ok(first);
  return { ...stored, name: HOSTILE, rungs: [{ ...first, name: HOSTILE, settings: [HOSTILE] }, ...others] };
}

const PAGES: Readonly<Record<string, () => Page>> = {
  comparison: () => comparisonPage(madeComparison(), SOURCE),
  gate: () => gatePage(madeGate(), SOURCE),
  capacity: () => capacityPage(madeCapacity(), SOURCE),
  history: () => historyPage(madeHistory(), SOURCE),
  ladder: () => ladderPage(madeLadder(), SOURCE),
  'noise floors': () =>
    noiseFloorsPage(
      measureNoiseFloors(madePairs({ spreadShare: 0.02 }), { confidence: 0.99, plannedPairs: 10 }),
      SOURCE,
    ),
};

describe('the page of each kind of outcome', () => {
  for (const [name, make] of Object.entries(PAGES)) {
    it(`${name}: is sound, with hostile names as text, and says the verdict, the file and its digest`, () => {
      const made = make();
      const page = read(made);
      assertSound(page);
      const text = textOf(page);
      assert.ok(text.includes(made.verdict.sentence.replace(/\s+/g, ' ').trim()), made.verdict.sentence);
      assert.ok(text.includes(HOSTILE), 'the name of the file is there as it is');
      assert.deepEqual(tableOf(page, 'Files, with their digests').rows, [[HOSTILE, 'ab'.repeat(32)]]);
    });

    it(`${name}: has a table with the values of each chart, and a name for each drawing`, () => {
      const elements = elementsOf(read(make()));
      const figures = elements.filter(
        ({ tag, attributes }) => tag === 'figure' && attributes.get('class')?.startsWith('chart'),
      );
      for (const figure of figures) {
        assert.equal(tablesOf(figure).length, 1, textOf(figure).slice(0, 60));
        assert.ok((tablesOf(figure)[0]?.rows.length ?? 0) > 0);
      }
      for (const { attributes } of elements.filter(({ tag }) => tag === 'svg')) {
        const isNamed = attributes.get('role') === 'img' && (attributes.get('aria-label') ?? '') !== '';
        assert.ok(isNamed || attributes.get('aria-hidden') === 'true', JSON.stringify([...attributes]));
      }
    });
  }
});

describe('the page of a search for capacity', () => {
  const outcome = madeCapacity();
  const page = read(capacityPage(outcome, SOURCE));

  it('has all trials in order, and counts them by load as counting by hand does', () => {
    const trials = tableOf(page, 'Trials').rows;
    assert.deepEqual(
      trials.map(([number, load]) => [number, load]),
      outcome.trials.map(({ load }, i) => [String(i + 1), formatCount(load)]),
    );
    const counted = new Map<number, [held: number, broken: number, invalid: number]>();
    for (const { load, isValid, isGood } of outcome.trials) {
      const count = counted.get(load) ?? [0, 0, 0];
      count[isValid ? (isGood ? 0 : 1) : 2] += 1;
      counted.set(load, count);
    }
    const loads = [...counted.keys()].sort((a, b) => a - b);
    const { rows } = tableOf(page, 'Loads');
    assert.deepEqual(
      rows.map(([load, , ...counts]) => [load, ...counts.slice(0, 3)]),
      loads.map((load) => [formatCount(load), ...(counted.get(load) ?? []).map(String)]),
    );
  });

  it('has the bounds, and beside them what limits the load and the confirming run', () => {
    const rows = new Map(tableOf(page, 'Bounds').rows.map(([what = '', ...cells]) => [what, cells]));
    const [lower, upper] = ['lower bound', 'upper bound'].map((what) => rows.get(what)?.[0] ?? '');
    assert.ok(lower?.startsWith(formatCount(outcome.bounds.lowerLoad ?? -1)), lower);
    assert.ok(upper?.startsWith(formatCount(outcome.bounds.upperLoad ?? -1)), upper);
    assert.match(rows.get('confirming run')?.join(' ') ?? '', /^39,000 .* 60 s: every limit held/);
    const invalid = outcome.trials.filter(({ isValid }) => !isValid).length;
    assert.equal(rows.get('trials')?.[1], `${invalid} of them not valid`);
  });

  it('has the messages of all trials, and published figures with what was measured at the lower bound', () => {
    const metric = 'connections.held';
    const messages = {
      integrity: { ...madeResult().integrity, sent: 77, lost: 2 },
      drainSeconds: 3,
      limits: [{ limit: HOSTILE, answer: 'not judged', sentence: HOSTILE }],
    } as const;
    const trials = outcome.trials.map((trial) => ({ ...trial, figures: { [metric]: 50 } }));
    const published = [{ figure: HOSTILE, source: HOSTILE, metric, value: 200 }];
    const found = read(capacityPage({ ...outcome, messages, trials, published, confirmations: [] }, SOURCE));
    assertSound(found);
    const text = textOf(found);
    assert.match(text, /Messages of all trials.*77 sent .*lost 2, duplicated 0/);
    assert.ok(text.includes(`not judged: ${HOSTILE}: ${HOSTILE}`));
    assert.ok(text.includes(`published: ${HOSTILE}: here 50, 0.250 of it, not met (${HOSTILE})`));
    const answers = tableOf(found, 'Trials').rows.map((row) => row.at(-1));
    assert.ok(!answers.includes('every limit held'), 'a trial cannot say so');
  });

  it('without a trial says so in place of charts, and is sound', () => {
    const none = {
      ...outcome,
      trials: [],
      confirmations: [],
      bounds: { lowerLoad: null, upperLoad: null, unmeasurableLoad: null },
    };
    const empty = read(capacityPage({ ...none, limitedBy: [] }, SOURCE));
    assertSound(empty);
    assert.match(textOf(empty), /There was no trial\. .*No trial measured a latency\./);
  });
});

describe('the page of a gate', () => {
  const outcome = madeGate();
  const page = read(gatePage(outcome, SOURCE));

  it('has a row for each rule with its outcome and sentence, at each look', () => {
    for (const [caption, rules] of [
      ['Rules', outcome.rules],
      [`Rules after ${outcome.earlierLooks[0]?.runs} runs`, outcome.earlierLooks[0]?.rules ?? []],
    ] as const) {
      const { rows } = tableOf(page, caption);
      assert.deepEqual(
        rows.map((row) => [row[1], row[5]]),
        rules.map(({ outcome: found, sentence }) => [found, sentence]),
      );
      rules.forEach(({ rule, limit }, i) => {
        assert.ok(rows[i]?.[0]?.startsWith(rule), rule);
        assert.equal(rows[i]?.[4] === '–', limit === null);
      });
    }
  });

  it('has the looks in the order in which they were taken', () => {
    const rows = tableOf(page, 'Looks').rows.map(([runs, , sentence]) => [runs, sentence]);
    assert.deepEqual(rows.slice(0, 2), [
      [String(outcome.earlierLooks[0]?.runs), HOSTILE],
      [String(outcome.runs), outcome.sentence],
    ]);
  });
});

describe('the page of a history', () => {
  const history = madeHistory();
  const page = read(historyPage(history, SOURCE));

  it('keeps classes of machines apart, each result of them in its row', () => {
    const series = tablesOf(page).filter(({ headings }) => headings[0] === 'result');
    assert.equal(series.length, 2);
    assert.deepEqual(
      series.map(({ rows }) => rows.length),
      history.histories.map(({ points }) => points.length),
    );
    for (const [i, { rows }] of series.entries()) {
      const points = history.histories[i]?.points ?? [];
      assert.deepEqual(
        rows.map(([id]) => id),
        points.map(({ resultId }) => resultId),
      );
    }
  });

  it('has each change with both levels, and marks the first result of the new one', () => {
    const changes = history.histories.flatMap(({ changes: found }) => found);
    assert.ok(changes.length >= 2);
    const { rows } = tableOf(page, 'Changes');
    assert.deepEqual(
      rows.map((row) => row[1]),
      changes.map(({ at }) => at.startedAt),
    );
    for (const row of rows) assert.match(row.slice(3, 5).join(' '), /^40\.\d B 4[34]\.\d B$/);
    const marked = tablesOf(page)
      .filter(({ headings }) => headings[0] === 'result')
      .flatMap((table) => table.rows.filter((row) => row[4] !== ''));
    assert.deepEqual(
      marked.map(([id]) => id),
      changes.map(({ at }) => at.resultId),
    );
  });

  it('without results says so, and is sound', () => {
    const empty = read(historyPage({ ...history, histories: [] }, SOURCE));
    assertSound(empty);
    assert.match(textOf(empty), /No valid result measured any of the metrics\./);
  });
});

describe('the page of a ladder', () => {
  const ladder = madeLadder();
  const page = read(ladderPage(ladder, SOURCE));

  it('has the rungs in order, the first as it is, the others against it and the one before', () => {
    const { headings, rows } = tableOf(page, 'Rungs');
    assert.equal(headings.length, 4 + ladder.metrics.length);
    assert.equal(rows.length, ladder.rungs.length);
    assert.deepEqual(rows[0]?.slice(-3, -1), ['–', '–'], 'the first is compared with nothing');
    ladder.rungs.slice(1).forEach(({ name, withBefore, withFirst }, i) => {
      const row = rows[i + 1] ?? [];
      assert.ok(row[0]?.startsWith(name), row[0]);
      assert.deepEqual(row.slice(-3, -1), [withBefore?.verdict, withFirst?.verdict]);
    });
    assert.notEqual(rows[0]?.[1], '–', 'the figure of the first is the base of the second');
  });

  it('says which rung has no pair of results', () => {
    const rungs = ladder.rungs.map((rung, i) =>
      i === 1 ? { ...rung, withBefore: null, withFirst: null, failed: 3 } : rung,
    );
    const failed = read(ladderPage({ ...ladder, rungs }, SOURCE));
    assertSound(failed);
    const row = tableOf(failed, 'Rungs').rows[1] ?? [];
    assert.deepEqual(row.slice(-3, -1), ['no pair of results', 'no pair of results']);
    assert.match(row.at(-1) ?? '', /3 failed$/);
  });

  it('draws nothing of a ladder that has not begun, and says so', () => {
    const rungs = ladder.rungs.map((rung) => ({ ...rung, runs: 0, failed: 0, withBefore: null, withFirst: null }));
    const begun = ladderPage({ ...ladder, rungs, machineClasses: [], nodes: [], isComplete: false }, SOURCE);
    const sections = begun.sections.filter(({ id }) => id.startsWith('metric-'));
    assert.equal(sections.length, ladder.metrics.length);
    for (const { html } of sections) assert.match(html.text, /^<p>No two rungs have results/);
    for (const { html } of ladderPage(ladder, SOURCE).sections.filter(({ id }) => id.startsWith('metric-')))
      assert.match(html.text, /<svg/);
    const facts = begun.sections.find(({ id }) => id === 'provenance')?.html.text ?? '';
    assert.match(facts, /machine<\/t[hd]>\s*<td>unknown/);
  });
});
