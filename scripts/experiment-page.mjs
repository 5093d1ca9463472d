// Measures the page of an hour's run: its size, how long it takes to make, and the time from the start of loading to
// the first frame with a chart, in a new window of Chromium each time.
//
//   node scripts/experiment-page.mjs [openings]        9 by default; about a minute
//
// Nine openings and more are stored in results/reference/page-hour.json. The limits are 1 MB and 500 ms.
// It needs Debian's package chromium, and the build of the tests, which makes the result.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { runPageHtml } from '../dist/cli/pages/run-page-html.js';
import { INTERVALS_MAX, wholeResult } from '../dist/report/html/run/made-run.test-suite.js';
import { environment, writeKept } from './kept-figures.mjs';

const BYTES_MAX = 1_000_000;
const MILLIS_MAX = 500;
const OPENINGS_KEPT_MIN = 9;
const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];

const openings = Number(process.argv[2] ?? OPENINGS_KEPT_MIN);
if (!Number.isInteger(openings) || openings < 1) {
  process.stderr.write('Expected a whole number of openings.\n');
  process.exit(2);
}

/** Runs in the page before its own script. */
function noteFirstChart() {
  const observer = new MutationObserver(() => {
    if (document.querySelector('canvas') === null) return;
    observer.disconnect();
    requestAnimationFrame(() => Object.assign(window, { firstChartMillis: performance.now() }));
  });
  observer.observe(document, { childList: true, subtree: true });
}

async function firstChartMillis(browser, address) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  try {
    await page.addInitScript(noteFirstChart);
    await page.goto(address);
    const found = await page.waitForFunction(() => window.firstChartMillis);
    return await found.jsonValue();
  } finally {
    await page.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'trunkline-page-'));
try {
  const start = performance.now();
  const html = runPageHtml(wholeResult(INTERVALS_MAX), { file: 'result.json', sha256: '' });
  const makingMillis = Math.round(performance.now() - start);
  const file = join(folder, 'report.html');
  writeFileSync(file, html);
  const bytes = Buffer.byteLength(html);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const millis = [];
  try {
    await firstChartMillis(browser, pathToFileURL(file).href); // the first opening starts the browser's own processes
    for (let n = 0; n < openings; n++)
      millis.push(Math.round(await firstChartMillis(browser, pathToFileURL(file).href)));
  } finally {
    await browser.close();
  }
  const median = [...millis].sort((a, b) => a - b)[millis.length >> 1];
  process.stdout.write(
    `an hour of ${INTERVALS_MAX} intervals: ${bytes} bytes, limit ${BYTES_MAX}; made in ${makingMillis} ms; first chart after ${median} ms (median of ${millis.join(', ')}), limit ${MILLIS_MAX} ms\n`,
  );
  if (openings >= OPENINGS_KEPT_MIN) {
    const firstChart = { medianMillis: median, maxMillis: MILLIS_MAX, openings: millis };
    writeKept('page-hour', {
      environment: environment(),
      intervals: INTERVALS_MAX,
      bytes,
      bytesMax: BYTES_MAX,
      makingMillis,
      firstChart,
    });
  }
  process.exitCode = bytes <= BYTES_MAX && median <= MILLIS_MAX ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
