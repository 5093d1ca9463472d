/**
 * The pages of outcomes, as Chromium shows them. The outcomes are real ones, or concluded from results with known
 * figures.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { concludeCapacity } from '../../analysis/capacity/conclude-capacity.ts';
import { judgeTrial } from '../../analysis/capacity/judge-trial.ts';
import { CAPACITY_GOAL, mlrSearchStep } from '../../analysis/capacity/mlr-search-step.ts';
import { comparePairs } from '../../analysis/comparison/compare-pairs.ts';
import { madePairs, madeResult, noiseFactors } from '../../analysis/comparison/made-results.test-suite.ts';
import { measureNoiseFloors } from '../../analysis/comparison/measure-noise-floors.ts';
import { asEarlierLook, evaluateGate } from '../../analysis/gate/evaluate-gate.ts';
import { parseGateRules } from '../../analysis/gate/gate-rules.ts';
import { changeHistory } from '../../analysis/history/change-history.ts';
import { OUTCOME_FILES, parseStoredOutcome, type StoredOutcome } from '../../analysis/stored-outcome.ts';
import { outcomeJson } from '../../report/text/outcome-json.ts';
import { type Result, resultSchema } from '../../result/result-schema.ts';
import { outcomePageHtml } from '../pages/outcome-page-html.ts';
import { checkReport, describeInBrowser, type ReportBrowser } from './support/report-page.test-suite.ts';

const HOSTILE = '<script>document.title="taken over"</script>';
const reference = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../results/reference/${name}`, import.meta.url)), 'utf8');

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-pages-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Writes the page of an outcome. @returns its path. */
function pageOf(name: string, outcome: StoredOutcome): string {
  const path = join(folder, `${name}.html`);
  writeFileSync(path, outcomePageHtml(outcome, outcomeJson(outcome), OUTCOME_FILES[outcome.schema]));
  return path;
}

/** Pairs of which one was dropped, and whose names and settings are hostile. */
function comparison(): StoredOutcome {
  const candidate = { written: { switch: { [HOSTILE]: HOSTILE } }, environment: { machineClass: HOSTILE } };
  const pairs = madePairs({
    bytesRatio: 1.1,
    cpuRatio: 0.9,
    spreadShare: 0.02,
    base: { environment: candidate.environment },
    candidate,
  });
  const dropped = madeResult({ ...candidate, tripped: 'steady' });
  const all = pairs.map((pair, i) => (i === 3 ? { ...pair, candidate: dropped } : pair));
  return comparePairs(all, {
    baseName: HOSTILE,
    candidateName: `x"'${HOSTILE}`,
    command: `trunkline compare '${HOSTILE}'`,
  });
}

/** Real runs of identical code, which the first look did not decide. */
function gate(): StoredOutcome {
  const { runs } = JSON.parse(reference('gate-runs.json')) as { runs: { result: unknown }[] };
  const results = runs.map(({ result }): Result => resultSchema.parse(result));
  const pairs = Array.from({ length: 16 }, (_, i) => ({ base: results[2 * i], candidate: results[2 * i + 1] })).flatMap(
    ({ base, candidate }) => (base === undefined || candidate === undefined ? [] : [{ base, candidate }]),
  );
  const rules = parseGateRules(readFileSync(new URL('../../../gates/self.yaml', import.meta.url), 'utf8'), 'self');
  const first = evaluateGate(rules, { pairs: pairs.slice(0, 10) });
  assert.equal(first.nextLookPairs, 16);
  return evaluateGate(rules, { pairs }, { earlierLooks: [asEarlierLook(first)] });
}

/** A switch that carries 40,000 messages per second, disturbed in every seventh trial. */
function capacity(): StoredOutcome {
  const limits = ['latency.delivery p(99)<20ms'];
  const range = { lowestLoad: 100, highestLoad: 1e6, firstLoad: 2000 };
  const trial = (load: number, number: number) => ({
    ...judgeTrial(madeResult({ p99Micros: 1000 + load / 10 }), 'messages', load, []),
    load,
    isGood: load <= 40_000,
    isValid: number % 7 !== 3,
    invalidReason: number % 7 === 3 ? HOSTILE : null,
  });
  const trials: ReturnType<typeof trial>[] = [];
  for (let step = mlrSearchStep(trials, range, CAPACITY_GOAL); step.kind === 'trial'; ) {
    trials.push(trial(step.load, trials.length));
    step = mlrSearchStep(trials, range, CAPACITY_GOAL);
  }
  const confirming = { resultId: 'r', seconds: 60, trial: trial(39_000, 0) };
  const order = {
    over: 'messages',
    ownLoad: 100_000,
    scenario: HOSTILE,
    transport: 'memory',
    isSimulated: true,
    machineClass: HOSTILE,
  } as const;
  const goal = CAPACITY_GOAL;
  return concludeCapacity(
    {
      ...order,
      limits,
      range,
      rangeEnd: HOSTILE,
      goal,
      published: [{ figure: HOSTILE, source: HOSTILE }],
      command: null,
    },
    trials,
    [confirming],
  );
}

/** Two changes, on two classes of machines. */
function history(): StoredOutcome {
  const next = noiseFactors(4, 0.01);
  const results = Array.from({ length: 90 }, (_, i) =>
    madeResult({
      id: `run-${i}`,
      startedAt: new Date(Date.UTC(2026, 0, 1 + i)).toISOString(),
      commit: i < 30 ? HOSTILE : 'b'.repeat(40),
      bytesPerConnection: (i < 30 ? 40 : i < 62 ? 44 : 41) * next(),
      cpuMicros: 3 * next(),
      ...(i % 3 === 0 ? { environment: { machineClass: HOSTILE } } : {}),
    }),
  );
  const metrics = ['memory.switch.bytesPerConnection', 'cpu.switchMicrosPerMessage'];
  return changeHistory(results, { seed: 1, metrics });
}

const ladder = (): StoredOutcome =>
  parseStoredOutcome(reference('ladder-ws-to-tcp.json'), 'ladder') ?? assert.fail('it is a ladder');
const noiseFloors = (): StoredOutcome =>
  measureNoiseFloors(madePairs({ spreadShare: 0.02 }), { confidence: 0.99, plannedPairs: 10 });

const KINDS = { comparison, gate, capacity, ladder, history, 'noise floors': noiseFloors };

/** The text of a page, with folded parts. */
async function textOf(browser: ReportBrowser, file: string): Promise<string> {
  const { page } = await browser.open(file, { width: 1280, scheme: 'light' });
  const text = (await page.textContent('main')) ?? '';
  assert.doesNotMatch(await page.title(), /^taken over$/);
  assert.equal(await page.locator('main script, main img').count(), 0);
  await page.close();
  return text.replace(/\s+/g, ' ');
}

describeInBrowser('the pages of outcomes', (browser) => {
  for (const [name, make] of Object.entries(KINDS)) checkReport(browser, name, () => pageOf(name, make()));

  it('show the sentence, the figures and the command of a comparison, with hostile names as text', async () => {
    const outcome = comparison();
    if (!('rows' in outcome)) assert.fail('it is a comparison');
    const text = await textOf(browser, pageOf('hostile', outcome));
    assert.ok(text.includes(outcome.sentence), 'the verdict sentence');
    assert.ok(text.includes(`trunkline compare '${HOSTILE}'`));
    assert.ok(text.includes('steady: it was too much'), 'why a pair was dropped');
    const bytes = outcome.rows[0];
    for (const ratio of bytes?.ratios ?? []) assert.ok(text.includes(ratio.toPrecision(5)), `the ratio ${ratio}`);
    const undetected = outcome.rows.filter((row) => (row.lowShare ?? 1) < 0 && (row.highShare ?? -1) > 0);
    assert.ok(undetected.length > 0 && text.includes('~'));
    assert.doesNotMatch(text, /no change in/);
  });

  it('show each rule of a gate with its limit and value, and what the first look found', async () => {
    const outcome = gate();
    if (!('looks' in outcome)) assert.fail('it is a gate');
    const { page } = await browser.open(pageOf('rules', outcome), { width: 1280, scheme: 'light' });
    const rows = page.locator('main > .table tbody tr');
    assert.equal(await rows.count(), outcome.rules.length);
    for (const [i, rule] of outcome.rules.entries()) {
      const text = (await rows.nth(i).textContent()) ?? '';
      assert.ok(text.includes(rule.rule) && text.includes(rule.outcome) && text.includes(rule.sentence), text);
    }
    assert.equal(await page.locator('main > .table .picture svg').count(), outcome.rules.length);
    const first = outcome.earlierLooks[0]?.sentence ?? assert.fail('there were two looks');
    assert.ok((await page.textContent('#looks'))?.includes(first));
    await page.close();
  });

  it('show the bounds of a capacity and every trial with its answer', async () => {
    const outcome = capacity();
    if (!('bounds' in outcome)) assert.fail('it is a capacity');
    const { page } = await browser.open(pageOf('bounds', outcome), { width: 1280, scheme: 'light' });
    const lead = (await page.textContent('main > .table')) ?? '';
    const words = (load: number | null): string => (load ?? 0).toLocaleString('en-US');
    assert.ok(lead.includes(words(outcome.bounds.lowerLoad)) && lead.includes(words(outcome.bounds.upperLoad)), lead);
    assert.equal(await page.locator('#trials tbody tr').count(), outcome.trials.length);
    const answers = await page.locator('#search .values tbody tr td:nth-child(3)').allTextContents();
    const expected = outcome.trials.map(({ isValid, isGood }) => (!isValid ? 'invalid' : isGood ? 'held' : 'broken'));
    assert.deepEqual(answers, expected);
    await page.close();
  });

  it('show every rung of a ladder, and those that failed with the reason', async () => {
    const outcome = ladder();
    if (!('rungs' in outcome)) assert.fail('it is a ladder');
    const text = await textOf(browser, pageOf('rungs', outcome));
    for (const rung of outcome.rungs) assert.ok(text.includes(rung.name));
    const failed = outcome.rungs.filter((rung) => rung.failed > 0);
    assert.ok(failed.length > 0);
    for (const { failure } of failed) assert.ok(text.includes(failure ?? ''), failure ?? '');
  });

  it('keep the classes of machines of a history apart, with the commits of its changes', async () => {
    const outcome = history();
    if (!('histories' in outcome)) assert.fail('it is a history');
    const { page } = await browser.open(pageOf('classes', outcome), { width: 1280, scheme: 'light' });
    const titles = await page.locator('main section h2').allTextContents();
    assert.equal(
      titles.filter((title) => title.includes('machine') || title.startsWith('made')).length,
      2,
      titles.join(),
    );
    const changes = outcome.histories.flatMap((one) => one.changes);
    assert.equal(await page.locator('main > .table tbody tr').count(), changes.length);
    await page.close();
  });

  it('copy the Markdown of the outcome, and show one picture of each chart per width', async () => {
    const file = pageOf('widths', ladder());
    for (const [width, shown] of [
      [1280, '.wide'],
      [390, '.narrow'],
    ] as const) {
      const { page } = await browser.open(file, { width, scheme: 'light' });
      const charts = page.locator('figure .picture');
      for (let i = 0; i < (await charts.count()); i++) {
        const visible = await charts.nth(i).locator('svg:visible').count();
        assert.equal(visible, 1);
        assert.equal(await charts.nth(i).locator(`${shown} svg`).isVisible(), true);
      }
      const data = JSON.parse((await page.textContent('#page-data')) ?? '') as { markdown: string };
      assert.match(data.markdown, /^# Ladder ws-to-tcp/);
      await page.close();
    }
  });
});
