/** The reports of steps and of repeated runs, as the commands leave them and a browser shows them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { commandFolder, MADE_RUNS } from './support/command-folder.test-suite.ts';
import { checkReport, describeInBrowser, FEW_VIEWS } from './support/report-page.test-suite.ts';

const STEPS = `
steps:
  - { name: small, set: { phones.count: 200 }, published: { figure: '<b>1 million</b>', source: 'a "paper"' } }
  - { name: large, set: { phones.count: 400 } }
`;

describeInBrowser('the report of a series', (browser) => {
  const folder = commandFolder();

  /** Runs the command; the folder of its series. */
  async function series(args: readonly string[], environment = {}): Promise<string> {
    const { stderr } = await folder.trunkline([...args, '--out', 'series', '--quiet'], environment);
    const found = readdirSync(folder.path('series')).find((name) =>
      name.includes(args.includes('--repeat') ? 'repeat' : 'tiny'),
    );
    assert.ok(found !== undefined, stderr);
    return join(folder.path('series'), found);
  }

  let steps = '';
  checkReport(
    browser,
    'steps',
    async () => {
      writeFileSync(folder.path('steps.yaml'), readFileSync(folder.path('tiny.yaml'), 'utf8') + STEPS);
      steps = await series(['run', 'steps.yaml']);
      return join(steps, 'report.html');
    },
    FEW_VIEWS,
  );

  it('leads from each step to the report of its run', async () => {
    const { page, complaints } = await browser.open(join(steps, 'report.html'), { width: 1280, scheme: 'light' });
    const stored = JSON.parse(readFileSync(join(steps, 'steps.json'), 'utf8'));
    const held = await page
      .locator('.steps tbody tr')
      .evaluateAll((rows) => rows.map((row) => row.children[3]?.textContent));
    assert.deepEqual(
      held,
      stored.steps.map((step: { figures: { connectionsHeld: number } }) => String(step.figures.connectionsHeld)),
    );
    await page.click('.steps tbody a');
    await page.waitForLoadState();
    assert.equal(await page.locator('h1').textContent(), 'tiny, step small (1 of 2)');
    assert.match(
      (await page.locator('section:has(> #answer-connections)').textContent()) ?? '',
      /published: <b>1 million<\/b> \(a "paper"\)/,
    );
    assert.deepEqual(complaints, []);
    await page.close();
  });

  checkReport(
    browser,
    'repeated runs',
    async () => join(await series(['run', 'tiny.yaml', '--repeat', '3'], MADE_RUNS), 'report.html'),
    FEW_VIEWS,
  );
});
