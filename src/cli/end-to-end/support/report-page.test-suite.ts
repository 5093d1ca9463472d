/**
 * Opens HTML reports in Chromium, and checks what must hold for every kind of report.
 *
 * A test file `x.browser.e2e.test.ts` uses it like this. The checks are tests of their own, at three widths, light and
 * dark; what is particular to a kind follows as tests with a page.
 *
 *     describeInBrowser('the report of a run', (browser) => {
 *       checkReport(browser, 'a valid run', () => writeReportFile(…)); // gives the path of an HTML file, called once
 *
 *       it('shows the figures of the result', async () => {
 *         const { page } = await browser.open(file, { width: 1280, scheme: 'light' });
 *         assert.equal(await page.textContent('#connections'), '1,000,000');
 *       });
 *     });
 *
 * Without Chromium the tests are skipped; with CI in the environment they fail. With REPORT_SCREENSHOTS=FOLDER each
 * check leaves a picture of the whole page there, and the page as it is printed: look at them.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const HEIGHT = 800;
/** A4 less its margins, in pixels of CSS. */
const PAPER_WIDTH = 702;
const WIDTHS = [1280, 768, 390] as const;
const SCHEMES = ['light', 'dark'] as const;
/** A key press per focusable element, and no end if the focus were caught. */
const TABS_MAX = 400;
const TABS_BETWEEN_LOOKS = 20;
/** Distance of two colours that are the same but for smoothing, in each of red, green and blue. */
const COLOUR_TOLERANCE = 12;

export interface View {
  readonly width: number;
  readonly scheme: (typeof SCHEMES)[number];
}

const ALL_VIEWS: readonly View[] = WIDTHS.flatMap((width) => SCHEMES.map((scheme) => ({ width, scheme })));
/** For a further report of a kind that is checked in all views. */
export const FEW_VIEWS: readonly View[] = [
  { width: 1280, scheme: 'dark' },
  { width: 390, scheme: 'light' },
];

/**
 * axe takes seconds per view, and judges colours and structure: each colour scheme, and both the wide and the narrow
 * layout.
 */
const AXE_VIEWS: readonly View[] = [
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 390, scheme: 'light' },
];
const isForAxe = (view: View): boolean =>
  AXE_VIEWS.some(({ width, scheme }) => width === view.width && scheme === view.scheme);

/** A page, and what went wrong in it so far. */
export interface OpenedPage {
  readonly page: Page;
  /** Errors and warnings of the console, and exceptions. */
  readonly complaints: readonly string[];
  /** Addresses that the page asked for, other than its own file. */
  readonly requests: readonly string[];
}

export interface ReportBrowser {
  /** Opens a file from disk. The page is closed with the browser, or by the test. */
  readonly open: (file: string, view: View) => Promise<OpenedPage>;
}

/** Describes tests that share one browser. */
export function describeInBrowser(name: string, tests: (browser: ReportBrowser) => void): void {
  const isMissing = !existsSync(CHROMIUM);
  const skip = isMissing && process.env['CI'] === undefined && `there is no ${CHROMIUM}: apt-get install chromium`;
  describe(name, { skip }, () => {
    let browser: Browser | null = null;
    before(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    });
    after(() => browser?.close());
    tests({
      open: (file, view) => {
        assert.ok(browser !== null, 'the browser has started');
        return openPage(browser, file, view);
      },
    });
  });
}

async function openPage(browser: Browser, file: string, { width, scheme }: View): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width, height: HEIGHT }, colorScheme: scheme });
  const address = pathToFileURL(file).href;
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== address) requests.push(request.url());
  });
  await page.addInitScript(noteFirstChart);
  await page.goto(address);
  return { page, complaints, requests };
}

/** Runs in the page before its own script: the time of the first frame in which there is a chart. */
function noteFirstChart(): void {
  const observer = new MutationObserver(() => {
    if (document.querySelector('canvas') === null) return;
    observer.disconnect();
    requestAnimationFrame(() => Object.assign(window, { firstChartMillis: performance.now() }));
  });
  observer.observe(document, { childList: true, subtree: true });
}

/** From the start of loading to the first frame with a chart, in milliseconds. */
export async function firstChartMillis(page: Page): Promise<number> {
  const found = await page.waitForFunction(() => (window as { firstChartMillis?: number }).firstChartMillis);
  return (await found.jsonValue()) ?? Number.NaN;
}

/**
 * Tests of what holds for every report.
 *
 * @param file gives the path of the report; it is called once.
 * @param views in which it is opened.
 */
export function checkReport(
  browser: ReportBrowser,
  name: string,
  file: () => string | Promise<string>,
  views = ALL_VIEWS,
): void {
  let path: Promise<string> | null = null;
  const report = (): Promise<string> => {
    path ??= Promise.resolve(file());
    return path;
  };
  for (const { width, scheme } of views) {
    it(`${name}: opens without a request, ${width} px wide, ${scheme}`, async () => {
      const opened = await browser.open(await report(), { width, scheme });
      const { page } = opened;
      await keepScreenshot(page, `${name}-${width}-${scheme}`);
      assert.deepEqual(await undrawn(page), [], 'every chart is drawn');
      if (isForAxe({ width, scheme })) assert.deepEqual(await seriousFindings(page), []);
      assert.ok(await fitsWidth(page), 'nothing is wider than the page');
      if (scheme === 'dark' && width === WIDTHS[0]) await checkPrinted(page);
      assert.deepEqual(opened.complaints, []);
      assert.deepEqual(opened.requests, []);
      await page.close();
    });
  }

  it(`${name}: is reached by the keyboard, and its policy allows nothing but its own script and style`, async () => {
    const { page } = await browser.open(await report(), { width: WIDTHS[0], scheme: 'light' });
    assert.deepEqual(await unreachedByTab(page), []);
    const policy = await page.getAttribute('meta[http-equiv="Content-Security-Policy"]', 'content');
    assert.match(
      policy ?? '',
      /^default-src 'none'; script-src 'sha256-[\w+/=]{44}'; style-src 'sha256-[\w+/=]{44}'; base-uri 'none'; form-action 'none'$/,
    );
    await page.close();
  });
}

async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['REPORT_SCREENSHOTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name.replace(/\W+/g, '-'));
  await page.screenshot({ path: `${file}.png`, fullPage: true });
  if (name.endsWith('-1280-dark')) await page.pdf({ path: `${file}.pdf`, format: 'A4' });
}

/**
 * Charts with values of which no line is drawn in its colour (a line may hide another), and pictures without a shape.
 */
function undrawn(page: Page): Promise<string[]> {
  return page.evaluate((tolerance) => {
    const hasColour = (canvas: HTMLCanvasElement, colour: string): boolean => {
      const wanted = colour.match(/\d+/g)?.map(Number) ?? [];
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
      copy?.drawImage(canvas, 0, 0);
      const { data } = copy?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      for (let at = 0; at < data.length; at += 4) {
        const isNear = [0, 1, 2].every((i) => Math.abs((data[at + i] ?? 0) - (wanted[i] ?? 0)) <= tolerance);
        if (isNear && data[at + 3] === 255) return true;
      }
      return false;
    };
    const charts = [...document.querySelectorAll('.plot')].filter((plot) => {
      const label = plot.getAttribute('aria-label') ?? '';
      const swatches = [...(plot.parentElement?.querySelectorAll('.legend .swatch:not(.limit)') ?? [])];
      const drawn = swatches.filter((_, i) => !(label.split('; ')[i] ?? '').includes(': no values'));
      const canvas = plot.querySelector('canvas');
      if (canvas === null) return true;
      return drawn.length > 0 && !drawn.some((swatch) => hasColour(canvas, getComputedStyle(swatch).backgroundColor));
    });
    // A picture for another width is not shown, and neither is one in a folded part.
    const shown = [...document.querySelectorAll('svg')].filter((svg) => svg.checkVisibility());
    const pictures = shown.filter((svg) => {
      const shapes = [...svg.querySelectorAll('rect, line, path, circle, polyline, polygon')];
      return svg.getBoundingClientRect().width === 0 || shapes.length === 0;
    });
    const empty = [...document.querySelectorAll('.picture')].filter(
      (picture) => picture.checkVisibility() && !shown.some((svg) => picture.contains(svg)),
    );
    return [...charts, ...pictures, ...empty].map(
      (one) => one.getAttribute('aria-label') ?? one.outerHTML.slice(0, 200),
    );
  }, COLOUR_TOLERANCE);
}

/** What axe-core finds serious or critical. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    return (await axe.run()).violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary ?? ''}`));
}

/**
 * On paper the page is light, whatever the screen is; nothing is cut off, and what is folded is printed or said to be
 * elsewhere.
 */
async function checkPrinted(page: Page): Promise<void> {
  await page.setViewportSize({ width: PAPER_WIDTH, height: HEIGHT });
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  assert.deepEqual(await undrawn(page), [], 'every chart is drawn on paper, in its colours');
  assert.ok(await fitsWidth(page), 'nothing is wider than the paper');
  const found = await page.evaluate(() => ({
    ink: getComputedStyle(document.body).color,
    scrolled: [...document.querySelectorAll('.table, .flame, pre')]
      .filter((one) => one.checkVisibility() && getComputedStyle(one).overflowX !== 'visible')
      .map((one) => one.outerHTML.slice(0, 200)),
    folded: [...document.querySelectorAll('details > :not(summary)')]
      .filter((one) => !one.checkVisibility({ contentVisibilityAuto: true }) && one.closest('details.long') === null)
      .map((one) => one.outerHTML.slice(0, 200)),
    note: document.querySelector('.print-only')?.checkVisibility(),
    buttons: document.querySelector('.actions')?.checkVisibility(),
  }));
  const [red = 255] = found.ink.match(/\d+/g)?.map(Number) ?? [];
  assert.ok(red < 100, `the ink is dark, not ${found.ink}`);
  assert.deepEqual(found.scrolled, [], 'nothing scrolls on paper');
  assert.deepEqual(found.folded, [], 'short tables are printed unfolded');
  assert.equal(found.note, true, 'it says where the other tables are');
  assert.equal(found.buttons, false);
}

function fitsWidth(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
}

/** Buttons, links, folded tables and tables that Tab does not reach. */
async function unreachedByTab(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    for (const one of document.querySelectorAll('summary, a[href], button, .table')) {
      if (one.checkVisibility()) one.setAttribute('data-to-reach', '');
    }
    document.addEventListener('focusin', ({ target }) => {
      if (target instanceof Element) target.removeAttribute('data-to-reach');
    });
  });
  const left = page.locator('[data-to-reach]');
  for (let i = 0; i < TABS_MAX && (i % TABS_BETWEEN_LOOKS > 0 || (await left.count()) > 0); i++)
    await page.keyboard.press('Tab');
  return left.evaluateAll((elements) => elements.map((one) => one.outerHTML.slice(0, 200)));
}
