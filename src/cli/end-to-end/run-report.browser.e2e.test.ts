/** The report of a run, as a browser shows it. */
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MADE_ALLOCATIONS, madeProcessorProfile } from '../../analysis/profile/made-profiles.test-suite.ts';
import { reportThread } from '../../analysis/profile/thread-report.ts';
import { profileSection } from '../../report/html/profile/profile-section.ts';
import { expectedTables, figuresIn } from '../../report/html/run/expected-tables.test-suite.ts';
import {
  emptyResult,
  HOSTILE_NAME,
  hostileResult,
  INTERVALS_MAX,
  wholeResult,
} from '../../report/html/run/made-run.test-suite.ts';
import { sectionsResult } from '../../report/html/run/made-sections.test-suite.ts';
import type { RunProfile } from '../../report/profile/profile-text.ts';
import type { Result } from '../../result/result-schema.ts';
import { runPageHtml } from '../pages/run-page-html.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';
import { checkReport, describeInBrowser, FEW_VIEWS, firstChartMillis } from './support/report-page.test-suite.ts';

const REFERENCE = fileURLToPath(new URL('../../../results/reference/idle-ladder-1M.json', import.meta.url));
const DESKTOP = { width: 1280, scheme: 'light' } as const;
const BYTES_MAX = 1_000_000;
/** Asked of a quiet machine is 500 ms; this one may be busy, so the figure is printed and only a stall fails. */
const FIRST_CHART_MILLIS_MAX = 10_000;

describeInBrowser('the report of a run', (browser) => {
  const folder = commandFolder();

  /** The report of a stored result, as a file beside it. */
  async function reportOf(result: string, name: string): Promise<string> {
    const { stdout, stderr } = await folder.trunkline(['report', result, '--format', 'html']);
    assert.match(stderr, /^(note: The result has no .*\n)?$/); // an older result, or one without intervals
    writeFileSync(folder.path(name), stdout);
    return folder.path(name);
  }

  function reportOfMade(result: Result, name: string): Promise<string> {
    writeFileSync(folder.path(`${name}.json`), JSON.stringify(result));
    return reportOf(folder.path(`${name}.json`), `${name}.html`);
  }

  const million = once(() => reportOf(REFERENCE, 'million.html'));
  const hostile = once(() => reportOfMade(hostileResult(sectionsResult(HOSTILE_NAME)), 'hostile'));
  const hour = once(() => reportOfMade(wholeResult(INTERVALS_MAX), 'hour'));

  checkReport(browser, 'a million connections', million);
  checkReport(browser, 'every section, and hostile names', hostile, FEW_VIEWS);
  checkReport(browser, 'a run that ended at once', () => reportOfMade(emptyResult(), 'empty'), FEW_VIEWS);

  checkReport(browser, 'a profiled run', profiledReport, FEW_VIEWS);

  /** With boxes of every colour, wide and narrow, and a hostile name. */
  function profiledReport(): string {
    const places = [
      'src/switch/shard.ts:1',
      'src/driver/lane.ts:1',
      'src/wire/frames.ts:1',
      'src/run/a.ts:1',
      'node:fs:1',
    ];
    const stacks = [
      ...Array.from({ length: 30 }, (_, i) => ['runReactor', `step${i % 7}`, `part${i % 11}`, `system call of f${i}`]),
      ['(garbage collector)'],
      ['(program)'],
      [HOSTILE_NAME],
    ];
    const threads = places.map((place, i) =>
      reportThread(`shard-${i}`, madeProcessorProfile(stacks, place), MADE_ALLOCATIONS),
    );
    const profile: RunProfile = {
      phase: 'measure',
      intervalMicros: 1000,
      allocationBytes: 65_536,
      threads: threads.map(({ thread }) => thread),
      otherThreads: ['main'],
    };
    const html = runPageHtml(wholeResult(), { file: 'result.json', sha256: '0'.repeat(64) }, undefined, [
      profileSection(profile, threads, null),
    ]);
    writeFileSync(folder.path('profiled.html'), html);
    return folder.path('profiled.html');
  }

  it('answers on its first screen, on a desktop without scrolling', async () => {
    const { page } = await browser.open(await million(), DESKTOP);
    const bottom = await page.locator('.answers').evaluate((answers) => answers.getBoundingClientRect().bottom);
    assert.ok(bottom <= 800, `the answers end at ${bottom} px`);
    await page.close();
  });

  it('shows the figures of the result, and holds its series', async () => {
    const result: Result = JSON.parse(readFileSync(REFERENCE, 'utf8'));
    const { page } = await browser.open(await million(), DESKTOP);
    const answer = (id: string): Promise<string | null> =>
      page.locator(`section:has(> #answer-${id}) .figure`).textContent();
    assert.equal(await answer('connections'), '1,000,000');
    assert.equal(await answer('messages'), '500 /s');
    assert.equal(await answer('latency'), 'p50 1.93 ms p99 5.11 ms');
    assert.equal(await answer('belief'), 'Yes');
    assert.match((await answer('memory')) ?? '', /^8,566 B/);
    const guards = await page
      .locator('.guards tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [row.querySelector('th')?.textContent, row.querySelector('td:last-child')?.textContent]),
      );
    assert.deepEqual(
      guards,
      result.validity.guards.map(({ name, sentence }) => [name, sentence]),
    );
    const data = JSON.parse((await page.locator('#page-data').textContent()) ?? '');
    const [timeline] = data.timelines;
    assert.deepEqual(timeline.charts[0].lines[0].values, result.series.held);
    const digest = await page.locator('.digest').textContent();
    assert.match(digest ?? '', /^[0-9a-f]{64}$/);
    await page.close();
  });

  it('shows in the tables of every section the figures of the result, to three digits', async () => {
    const { page } = await browser.open(await hostile(), DESKTOP);
    const shown = new Map(
      await page
        .locator('table')
        .evaluateAll((tables) =>
          tables.map((table): [string, string[][]] => [
            table.querySelector('caption')?.textContent ?? '',
            [...table.querySelectorAll('tbody tr')].map((row) =>
              [...row.children].map((cell) => cell.textContent ?? ''),
            ),
          ]),
        ),
    );
    await page.close();
    for (const [caption, expected] of Object.entries(expectedTables(sectionsResult(HOSTILE_NAME)))) {
      const rows = shown.get(caption) ?? assert.fail(`there is no table ${caption}`);
      expected.forEach(([heading, ...figures], i) => {
        const [shownHeading, ...cells] = rows[i] ?? [];
        assert.equal(shownHeading, heading, caption);
        if (figures.length === 0) return; // such as the name of a folder
        const found = cells.flatMap(figuresIn);
        const isSame = found.length === figures.length && figures.every((figure, n) => isRounded(found[n], figure));
        assert.ok(isSame, `${caption}, ${heading}: shows ${cells.join(' | ')} for ${figures.join(', ')}`);
      });
    }
  });

  it('shows hostile names as they are', async () => {
    const { page } = await browser.open(await hostile(), DESKTOP);
    assert.ok((await page.locator('h1').textContent())?.startsWith(HOSTILE_NAME));
    assert.equal(await page.locator('.guards tbody td:last-child').first().textContent(), HOSTILE_NAME);
    assert.equal(await page.locator('script').count(), 2, 'the data and the script of the build');
    await page.close();
  });

  it('copies its Markdown, or shows it selected where the browser refuses', async () => {
    const { page } = await browser.open(await million(), DESKTOP);
    await page.evaluate(() =>
      Object.defineProperty(navigator, 'clipboard', {
        value: { writeText: async (text: string) => document.body.setAttribute('data-copied', text) },
        configurable: true,
      }),
    );
    await page.click('#copy');
    await page.waitForFunction(() => document.getElementById('copied')?.textContent === 'Copied');
    assert.match((await page.getAttribute('body', 'data-copied')) ?? '', /^## trunkline idle-ladder\n/);
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await page.click('#copy');
    await page.waitForSelector('dialog[open]');
    const selected = await page
      .locator('dialog textarea')
      .evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart, area.selectionEnd));
    assert.match(selected, /^## trunkline idle-ladder\n/);
    await page.close();
  });

  it('of an hour is below 1 MB; its size and the time to its first chart are printed', async (test) => {
    const file = await hour();
    const { size } = statSync(file);
    assert.ok(size < BYTES_MAX, `${size} bytes`);
    const { page } = await browser.open(file, DESKTOP);
    const millis = await firstChartMillis(page);
    test.diagnostic(`an hour: ${Math.round(size / 1000)} kB, first chart after ${Math.round(millis)} ms`);
    assert.ok(millis > 0 && millis < FIRST_CHART_MILLIS_MAX, `${millis} ms`);
    await page.close();
  });
});

/** Whether a figure is another one rounded to three digits. */
function isRounded(shown: number | undefined, figure: number): boolean {
  return shown !== undefined && Math.abs(shown - figure) <= 0.005 * Math.abs(figure) + 1e-9;
}

/** Makes a report when it is first needed. */
function once(make: () => Promise<string>): () => Promise<string> {
  let made: Promise<string> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
