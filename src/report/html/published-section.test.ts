/** Published figures on the page of each kind of conclusion: what the scenarios quote, and marks beside one's own. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { concludeCapacity } from '../../analysis/capacity/conclude-capacity.ts';
import { CAPACITY_GOAL } from '../../analysis/capacity/mlr-search-step.ts';
import { comparePairs } from '../../analysis/comparison/compare-pairs.ts';
import { madePairs, madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { evaluateGate } from '../../analysis/gate/evaluate-gate.ts';
import { parseGateRules } from '../../analysis/gate/gate-rules.ts';
import { changeHistory } from '../../analysis/history/change-history.ts';
import { concludeLadder } from '../../analysis/ladder/conclude-ladder.ts';
import { ladderTurns, parseLadderFile } from '../../analysis/ladder/parse-ladder-file.ts';
import { parseStoredOutcome, type StoredOutcome } from '../../analysis/stored-outcome.ts';
import type { Result } from '../../result/result-schema.ts';
import { capacityPage } from './capacity/capacity-page.ts';
import { comparisonPage } from './comparison/comparison-page.ts';
import { gatePage } from './gate/gate-page.ts';
import { historyPage } from './history/history-page.ts';
import { ladderPage } from './ladder/ladder-page.ts';
import type { Page } from './page.ts';
import { PUBLISHED_SYSTEMS, publishedSection } from './published-section.ts';
import { elementsOf, type PageElement, readPage, tableOf, tablesOf, textOf } from './read-page.test-suite.ts';

const SOURCE = { file: 'outcome.json', sha256: 'ab'.repeat(32) };
const QUOTED = { figure: '<b>2 million</b>', source: 'a "talk"' };
const QUOTED_HTML = 'published: &lt;b&gt;2 million&lt;/b&gt; (a &quot;talk&quot;)';

/** As of a step that quotes a figure. */
function quoting(result: Result, published = QUOTED): Result {
  return { ...result, scenario: { ...result.scenario, step: { name: 'one', number: 1, of: 1, published } } };
}

/** The section of a page, made from the outcome as it is read back from its file. */
function sectionOf<Outcome extends StoredOutcome>(outcome: Outcome, page: (stored: Outcome) => Page): string {
  const stored = parseStoredOutcome(JSON.stringify(outcome), 'outcome.json');
  assert.deepEqual(stored, outcome);
  const section = page(outcome).sections.find(({ id }) => id === 'published');
  assert.ok(section, 'there is a section of published figures');
  return section.html.text;
}

/** Names and figures of one's own marks. */
const ownMarks = (html: string): string[] =>
  [...html.matchAll(/<text class="own-name"[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text ?? '');
const titles = (html: string): string[] => [...html.matchAll(/<h3>([^<]*)<\/h3>/g)].map(([, text]) => text ?? '');

const pairs = madePairs({ bytesRatio: 1.25, spreadShare: 0 }).map(({ base, candidate }) => ({
  base: quoting(base),
  candidate: quoting(candidate),
}));

describe('published figures', () => {
  it('are beside both sides of a comparison, and what their steps quote is there once', () => {
    const outcome = comparePairs(pairs, { baseName: 'old', candidateName: 'new' });
    const html = sectionOf(outcome, (stored) => comparisonPage(stored, SOURCE));
    assert.equal(html.split(QUOTED_HTML).length, 2, html);
    const marks = ownMarks(html);
    assert.deepEqual(marks.slice(0, 4), ['old, simulated', '52.0 B', 'new, simulated', '65.0 B']);
    assert.equal(titles(html).length, 3);
    for (const { source } of PUBLISHED_SYSTEMS) assert.ok(html.includes(source), source);
  });

  it('are beside the sides of a gate, or beside the candidate where it was judged alone', () => {
    const relative = parseGateRules('relative: [memory.switch.bytesPerConnection]', 'x');
    const html = sectionOf(evaluateGate(relative, { pairs }), (stored) => gatePage(stored, SOURCE));
    assert.ok(html.includes(QUOTED_HTML));
    assert.ok(ownMarks(html).includes('candidate, simulated'));
    const absolute = parseGateRules('absolute: [memory.switch.bytesPerConnection < 1KiB]', 'x');
    const candidates = pairs.map(({ candidate }) => candidate);
    const alone = sectionOf(evaluateGate(absolute, { candidates }), (stored) => gatePage(stored, SOURCE));
    assert.ok(alone.includes(QUOTED_HTML));
    assert.deepEqual(titles(alone), ['Memory per connection beside published figures']);
    assert.deepEqual(ownMarks(alone), ['candidate, simulated', '50.0 B']);
  });

  it('are beside the load of a capacity: connections or deliveries, whichever was searched', () => {
    const order = {
      scenario: 'made',
      transport: 'tcp',
      isSimulated: false,
      machineClass: 'made',
      limits: [],
      range: { lowestLoad: 100, highestLoad: 2_000_000 },
      rangeEnd: 'the end of the given range',
      goal: CAPACITY_GOAL,
      published: [QUOTED],
      command: null,
    };
    const trial = {
      load: 1_500_000,
      isGood: true,
      isValid: true,
      carriedLoad: 1_500_000,
      broken: [],
      figures: {},
      invalidReason: null,
      loginsPerSecond: null,
      deliveriesPerSecond: null,
      noticesPerSecond: null,
      deliveryP50Micros: 1,
      deliveryP99Micros: 2,
      switchMicrosPerMessage: 3,
      switchBusyShare: 0.1,
      driverBusyShare: 0.1,
    };
    const over = (load: 'messages' | 'connections'): string => {
      const outcome = concludeCapacity(
        { ...order, ownLoad: 1, over: load },
        [trial],
        [{ resultId: 'r', seconds: 60, trial }],
      );
      return sectionOf(outcome, (stored) => capacityPage(stored, SOURCE));
    };
    const connections = over('connections');
    assert.ok(connections.includes(QUOTED_HTML));
    assert.deepEqual(titles(connections), ['Connections beside published figures']);
    assert.deepEqual(ownMarks(connections), ['This search', '1.50M']);
    assert.deepEqual(titles(over('messages')), ['Deliveries per second beside published figures']);
  });

  it('are beside the first and the last rung of a ladder', () => {
    const ladder = parseLadderFile(
      'name: made\ndescription: Two rungs\nscenario: smoke\npairs: 6\nmetrics: [cpu.switchMicrosPerMessage]\nrungs: [{ name: low, settings: [transport=ws] }, { name: high, settings: [transport=tcp] }]',
      'made.yaml',
    );
    const runs = ladderTurns(ladder).map(({ round, variant: { name } }) => ({
      variant: name,
      round,
      result: quoting(madeResult({ bytesPerConnection: name === 'low' ? 100 : 50 })),
      failure: null,
    }));
    const html = sectionOf(concludeLadder(ladder, runs, runs.length), (stored) => ladderPage(stored, SOURCE));
    assert.ok(html.includes(QUOTED_HTML));
    assert.deepEqual(ownMarks(html).slice(0, 4), ['low, simulated', '130 B', 'high, simulated', '65.0 B']);
  });

  it('are beside the newest results of a history', () => {
    const results = Array.from({ length: 5 }, (_, i) =>
      quoting(madeResult({ startedAt: `2026-01-0${i + 1}T00:00:00.000Z`, bytesPerConnection: 40 + i })),
    );
    const html = sectionOf(changeHistory(results, { seed: 1 }), (stored) => historyPage(stored, SOURCE));
    assert.ok(html.includes(QUOTED_HTML));
    assert.deepEqual(ownMarks(html).slice(0, 2), ['made, simulated', '44.0 B']);
  });

  it('are left out where there is nothing to compare; a long name is cut in the drawing, whole in the table', () => {
    const none = { connections: null, bytesPerConnection: null, deliveriesPerSecond: null, counts: '', source: '' };
    assert.deepEqual(publishedSection([{ system: 'x', ...none }], []), []);
    const long = `${'x'.repeat(60)}, simulated`;
    const [section] = publishedSection([{ ...none, system: long, connections: 10 }], []);
    assert.equal(ownMarks(section?.html.text ?? '')[0], `${'x'.repeat(8)}…, simulated`);
    assert.ok(section?.html.text.includes(`<th scope="row">${long}</th>`));
  });
});

describe('the drawing of published figures', () => {
  const own = (change: object) => ({
    system: 'Own',
    connections: null,
    bytesPerConnection: null,
    deliveriesPerSecond: null,
    counts: 'all of it',
    source: 'here',
    ...change,
  });
  const pageOf = (change: object): PageElement => readPage(publishedSection([own(change)], [])[0]?.html.text ?? '');

  it("has only the kinds of figures that one has of one's own, and none for a figure of 0", () => {
    const captions = (change: object): string[] => tablesOf(pageOf(change)).map(({ caption }) => caption);
    assert.deepEqual(captions({ connections: 5 }), ['Connections beside published figures']);
    assert.deepEqual(captions({ bytesPerConnection: 40, deliveriesPerSecond: 9 }), [
      'Memory per connection beside published figures',
      'Deliveries per second beside published figures',
    ]);
    assert.deepEqual(publishedSection([own({ connections: 0 })], []), []);
  });

  it('has a row for each system that published such a figure, the own one first', () => {
    const { rows } = tableOf(pageOf({ connections: 1234 }), 'Connections beside published figures');
    const systems = PUBLISHED_SYSTEMS.filter(({ connections }) => connections !== null).map(({ system }) => system);
    assert.deepEqual(
      rows.map(([system]) => system),
      ['Own', ...systems],
    );
    assert.deepEqual(rows[0]?.slice(1), ['1.23k', '1.23k', 'all of it', 'here']);
  });

  it('has a larger figure farther to the right, and names the decades of its axis', () => {
    const page = pageOf({ deliveriesPerSecond: 1 });
    const dots = elementsOf(page).filter(({ tag }) => tag === 'circle');
    const values = [1, ...PUBLISHED_SYSTEMS.flatMap(({ deliveriesPerSecond }) => deliveriesPerSecond ?? [])];
    assert.equal(dots.length, values.length);
    const places = dots.map(({ attributes }, i) => [values[i] ?? 0, Number(attributes.get('cx'))] as const);
    const sorted = [...places].sort(([a], [b]) => a - b).map(([, x]) => x);
    assert.deepEqual(
      sorted,
      [...sorted].sort((a, b) => a - b),
    );
    const texts = elementsOf(page)
      .filter(({ tag }) => tag === 'text')
      .map(textOf);
    for (const tick of ['1', '10', '100', '1k', '100k', '1M']) assert.ok(texts.includes(tick), tick);
  });
});
