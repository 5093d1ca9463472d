/**
 * The reports of runs in which something of every kind happened: in words, as Markdown and as a page. Each figure of
 * the result is in them, nothing that was not measured looks like a figure, and no name is more than a name.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { at } from '../../base/assert.ts';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import { formatBytes, formatCount, formatMicros, formatShort } from '../../base/units.ts';
import { type Result, resultSchema } from '../../result/result-schema.ts';
import { pageHtml } from '../html/page.ts';
import { assertSound, type PageElement, readPage, textOf } from '../html/read-page.test-suite.ts';
import { HOSTILE_NAME } from '../html/run/made-run.test-suite.ts';
import { runPage } from '../html/run/run-page.ts';
import { PLAIN } from '../text/palette.ts';
import { everySection, pluralMistakes } from './every-section.test-suite.ts';
import { summarize } from './summarize.ts';
import { summaryMarkdown } from './summary-markdown.ts';

const CONTEXT = { commands: [], differences: [], source: { file: 'result.json', sha256: 'ab' } };
const textFor = (result: Result): string => summarize(result, null, PLAIN);
/** The lead and all sections, by their ids. */
function sectionsOf(result: Result): Map<string, PageElement> {
  const { lead, sections } = runPage(result, CONTEXT);
  return new Map([{ id: 'lead', html: lead }, ...sections].map(({ id, html }) => [id, readPage(html.text)]));
}

const ASSETS = { script: { text: '', digest: '' }, style: { text: '', digest: '' } };
const pageOf = (result: Result): PageElement => readPage(pageHtml(runPage(result, CONTEXT), ASSETS));

/** Every number in a value, with its path. */
function numbersOf(value: unknown, path: string): [path: string, figure: number][] {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, `${path}.${key}`));
}

/** Whether a text has the figure, in one of the units in which figures are written. */
function hasFigure(text: string, figure: number): boolean {
  const units = [formatCount(figure), formatMicros(figure), formatMicros(figure * 1e6), formatShort(figure)];
  return [...units, formatBytes(figure), figure.toFixed(2), figure.toFixed(1)].some((one) => text.includes(one));
}

/**
 * Figures of sections that reports leave out: latencies have a few of their percentiles, some figures are for programs.
 */
const NOT_SHOWN =
  /\.(minMicros|meanMicros|p90Micros|p95Micros|p999Micros|p9999Micros|maxMicros|aboveRangeCount|rangeMicros)$|^(http\.due|http\.sendDelay\.count|groups\.unjudged|storms\.0\.atSeconds|durability\.(threads|longestSyncMicros))$|^storms\.0\.(logins|deliveries\w+\.count)|^durability\.(restoreSeconds|mayLose\.seconds)$/;
const SHOWN_AFTER_ALL = /^(content\.readReceipts|misfits)\./;
/** What only the page has room for. */
const ONLY_ON_PAGE =
  /^network\.(links\.0\.(lost|dropped|delivery\.count)|lanes\.0\.(packetsOut|packetsIn|thrownAway|delayed|reordered|duplicated|segments))|^platforms\.0\.(delivery|storedDelivery)\.count$|^(http\.sendDelay\.p50Micros|presence\.watch|storms\.0\.restored)$/;
/** What stands in another section of the page, or is part of a sum. */
const ONLY_IN_TEXT = /^network\.(phonesSentAgain|switchSentAgain)$|^storms\.0\.outageSeconds$/;
const SECTIONS = [
  ...(['http', 'overload', 'misfits', 'network', 'platforms', 'content', 'presence'] as const),
  ...(['groups', 'events', 'storms', 'durability'] as const),
];
/** The section with what the result has under a name; the page has an element `content` already. */
const idOf = (name: string): string => (name === 'content' ? 'message-content' : name);

describe('a run in which something of every kind happened', () => {
  let next = 1000;
  const result = everySection({ figure: () => (next += 11), name: 'a name' });
  const summary = textFor(result);
  const sections = sectionsOf(result);

  for (const name of SECTIONS) {
    it(`has each figure of ${name} in its summary, and in that section of its page`, () => {
      const page = textOf(sections.get(idOf(name)) ?? assert.fail(`no section ${name}`));
      const figures = numbersOf(result[name], name).filter(
        ([path]) => !NOT_SHOWN.test(path) || SHOWN_AFTER_ALL.test(path),
      );
      assert.ok(figures.length > 4);
      for (const [path, figure] of figures) {
        if (!ONLY_IN_TEXT.test(path)) assert.ok(hasFigure(page, figure), `${path} = ${figure} is not on the page`);
        if (!ONLY_ON_PAGE.test(path) && path !== 'network.phonesSentAgain' && path !== 'storms.0.outageSeconds')
          assert.ok(hasFigure(summary, figure), `${path} = ${figure} is not in the summary`);
      }
    });
  }

  it('has no mean of what misbehaving phones were never sent', () => {
    const misfits = {
      ...(result.misfits ?? assert.fail()),
      hotDeliveryMeanMicros: null,
      hotGroupDeliveryMeanMicros: null,
    };
    const lines = textFor({ ...result, misfits }).split('\n');
    const hot = lines.filter((line) => line.includes(' hot ') && !line.includes('goodput'));
    assert.equal(hot.length, 2);
    for (const line of hot) assert.match(line, /(delivered|deliveries); not in the latencies of/);
  });

  it('has no section of a kind of which there was nothing', () => {
    const none = {
      ...{ http: null, overload: null, misfits: null, network: null, platforms: [], content: null, presence: null },
      ...{ groups: null, events: [], storms: [], durability: null },
    };
    const without: Result = { ...result, ...none };
    const ids = [...sectionsOf(without).keys()];
    for (const name of SECTIONS) assert.ok(!ids.includes(idOf(name)), name);
    const labels = ['groups', 'HTTP', 'overload', 'misfits', 'platforms', 'content', 'presence', 'network', 'storms'];
    for (const label of [...labels, 'events', 'durability']) {
      assert.match(summary, new RegExp(`^${label} `, 'm'));
      assert.doesNotMatch(textFor(without), new RegExp(`^${label} `, 'm'));
    }
  });

  it('has its sections in the summary in the order of the page', () => {
    const labels = [...summary.matchAll(/^([a-z]+) +\S/gim)].map(([, label]) => label?.toLowerCase() ?? '');
    const shared = [...sections.keys()].filter((id) => labels.includes(id) && id !== 'memory' && id !== 'latency');
    assert.ok(shared.length >= 9);
    const inText = labels.filter((label) => shared.includes(label));
    assert.deepEqual(new Set(inText), new Set(shared));
    assert.ok(
      inText.indexOf('groups') < inText.indexOf('http') && inText.indexOf('storms') < inText.indexOf('durability'),
    );
  });
});

describe('a run in which everything happened once', () => {
  const result = everySection({ figure: () => 1, name: 'n' });

  it('is told of in the singular, in every report', () => {
    const page = [...sectionsOf(result).values()].map((section) => JSON.stringify(section)).join('\n');
    for (const text of [textFor(result), summaryMarkdown(result), page]) assert.deepEqual(pluralMistakes(text), []);
  });

  it('would not pass that check with a plural', () => {
    const mistakes = ['1 sessions', 'has 1 joins, 0 leaves', 'x (1 bad runs)', '1 presence notices deferred'];
    for (const text of mistakes) assert.equal(pluralMistakes(text).length, 1, text);
    for (const text of ['11 sessions', '1 session', '1 of 2 runs', '0.1 s', '1,001 runs', '1 s after', '2.1 bytes'])
      assert.deepEqual(pluralMistakes(text), [], text);
  });
});

describe('hostile names in a run', () => {
  const ESCAPE = '\u001b]0;title\u0007\u001b[2J\u202e';
  const MARKDOWN = '| a | `b` **c** [d](javascript:e) @team #1';
  const hostile = everySection({ figure: () => 3, name: `${HOSTILE_NAME}${ESCAPE}${MARKDOWN}` });

  it('are text on the page, in every section', () => {
    const ofPage = sectionsOf(hostile);
    assertSound(pageOf(hostile));
    for (const name of ['network', 'platforms', 'message-content', 'events', 'storms', 'durability', 'integrity'])
      assert.ok(textOf(ofPage.get(name) ?? assert.fail(name)).includes('<script>alert('), name);
  });

  it('move no cursor and change no colour of a terminal', () => {
    const text = textFor(hostile);
    assert.ok(text.includes('<script>alert("1")</script>'));
    for (const line of text.split('\n')) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\u202e]/u);
  });

  it('are neither HTML, nor Markdown, nor links in Markdown', () => {
    const text = summaryMarkdown(hostile);
    assert.doesNotMatch(text, /<script|<!--|@team|\*\*c\*\*|`b`|\[d\]\(/);
    for (const line of text.split('\n')) assert.doesNotMatch(line, /(?!\t)\p{Cc}/u);
    const rows = text.split('\n').filter((line) => line.startsWith('| &lt;script'));
    for (const row of rows) assert.equal(row.replaceAll('\\|', '').split('|').length, 5, row);
    assert.equal(rows.length, 1, 'the published figure');
  });

  it('of many lines stay in the lines of their section', () => {
    const text = textFor(everySection({ figure: () => 3, name: 'a\r\nVALID, no thresholds.' }));
    assert.doesNotMatch(text, /\r/);
    assert.equal(text.split('\n')[0]?.startsWith('trunkline a'), true);
  });
});

describe('the reports of a run with any figures', () => {
  /** Nothing, one, some, more than fits a column, and the most that JSON holds exactly. */
  const FIGURES = [0, 1, 2, 999, 12_345, 2 ** 31, Number.MAX_SAFE_INTEGER];
  /** Numbers below a bound, in an order that a seed decides. */
  const drawnBy = (seed: number): ((bound: number) => number) => {
    const state = new Int32Array(RANDOM_STATE_WORDS);
    seedRandom(state, 0, seed, 3);
    return (bound) => nextBelow(state, 0, bound);
  };
  const NONSENSE = /\bNaN\b|\bundefined\b|\bInfinity\b|\[object|\bnull\b/;

  /** The result without the figures that the stream chooses, but for those that the schema asks for. */
  function without(result: Result, isMissing: () => boolean): Result {
    const copy: Result = structuredClone(result);
    const removed = new Map<string, () => boolean>();
    const remove = (container: object, path: string): void => {
      for (const [key, value] of Object.entries(container)) {
        const own = path === '' ? key : `${path}.${key}`;
        if (key === 'series' || key === 'ledger') continue;
        if (typeof value === 'object' && value !== null) remove(value, own);
        if (typeof value === 'string' || typeof value === 'boolean' || Array.isArray(value) || !isMissing()) continue;
        Reflect.set(container, key, null);
        removed.set(own, () => Reflect.set(container, key, value));
      }
    };
    remove(copy, '');
    for (;;) {
      const { data, error } = resultSchema.safeParse(copy);
      if (data !== undefined) return data;
      for (const { path } of error.issues) {
        const names = path.map(String);
        const undone = names.map((_, i) => names.slice(0, i + 1).join('.')).find((one) => removed.has(one)) ?? '';
        assert.ok(removed.get(undone)?.() === true && removed.delete(undone), `${names}`);
      }
    }
  }

  it('never show what is no figure as one, and are sound', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const below = drawnBy(seed);
        const whole = everySection({ figure: () => at(FIGURES, below(FIGURES.length)), name: 'n' });
        const result = without(whole, () => below(4) === 0);
        const text = textFor(result);
        assert.doesNotMatch(text, NONSENSE, NONSENSE.exec(text)?.input);
        const markdown = summaryMarkdown(result);
        assert.doesNotMatch(markdown, NONSENSE);
        for (const table of markdown.split('\n\n').filter((block) => block.startsWith('|'))) {
          const widths = table
            .trim()
            .split('\n')
            .map((row) => row.replaceAll('\\|', '').split('|').length);
          assert.equal(new Set(widths).size, 1, table);
        }
        const page = pageOf(result);
        assertSound(page);
        assert.doesNotMatch(textOf(page), NONSENSE);
      }),
      { numRuns: 8 },
    );
  });
});
