/** What commands that conclude something leave behind, and how `report` reads it again. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { madePairs } from '../../analysis/comparison/made-results.test-suite.ts';
import { commandFolder, MADE_RUNS } from './support/command-folder.test-suite.ts';

const { path, trunkline } = commandFolder();
const BYTES = 'memory.switch.bytesPerConnection';
const AT_ONCE = 2;

before(() => {
  for (const [i, pair] of madePairs({ bytesRatio: 1.1 }).entries()) {
    for (const [side, result] of Object.entries(pair)) {
      mkdirSync(path(`${side}/${i}`), { recursive: true });
      writeFileSync(path(`${side}/${i}/result.json`), JSON.stringify(result));
    }
  }
  writeFileSync(path('rules.yaml'), `looks: [6]\nrelative: [${BYTES}]\nabsolute: [integrity.lost == 0]\n`);
});

/** The only folder below another. */
function only(folder: string): string {
  const names = readdirSync(path(folder));
  assert.equal(names.length, 1, names.join());
  return `${folder}/${names[0]}`;
}

describe('the page of an outcome', { concurrency: AT_ONCE }, () => {
  const more = ['--candidate-set', 'description=bytesPerConnection 44', '--pairs', '6', '--seed', '1'];
  const COMMANDS: readonly [file: string, out: string, args: string[]][] = [
    ['comparison.json', 'c', ['compare', './tiny.yaml', ...more, '--metric', BYTES]],
    ['noise-floors.json', 'a', ['aa', './tiny.yaml', '--pairs', '8']],
    ['gate.json', 'g', ['gate', './rules.yaml', './tiny.yaml', '--candidate-set', 'description=bytesPerConnection 44']],
    ['comparison.json', 's', ['compare', '--results', 'base', '--against', 'candidate', '--metric', BYTES]],
  ];
  for (const [file, out, args] of COMMANDS) {
    it(`stands beside ${file} of ${args.slice(0, 2).join(' ')}, and on stdout where it is asked for`, async () => {
      const { stdout, stderr } = await trunkline([...args, '--out', out, '--format', 'html'], MADE_RUNS);
      const folder = only(out);
      const page = readFileSync(path(`${folder}/report.html`), 'utf8');
      assert.equal(stdout.trimEnd(), page.trimEnd());
      assert.match(page, /^<!doctype html>/);
      assert.match(stderr, new RegExp(`^page {2}${folder}/report\\.html$`, 'm'));
      const { command, schema } = JSON.parse(readFileSync(path(`${folder}/${file}`), 'utf8')) as Record<string, string>;
      assert.match(command ?? '', new RegExp(`^trunkline ${args[0]} `), schema);
      const again = await trunkline(['report', folder, '--format', 'html']);
      assert.equal(again.stdout, stdout, 'report makes the same page from the stored outcome');
    });
  }

  it('of a history is in a folder beside the results, or below --out', async () => {
    const { code, stdout } = await trunkline(['history', 'base', '--quiet']);
    assert.equal(code, 0);
    assert.match(readFileSync(path('base/history/report.html'), 'utf8'), /<h1>History of made<\/h1>/);
    const again = await trunkline(['report', 'base/history']);
    assert.equal(again.stdout, stdout);
    await trunkline(['history', 'made', '--out', 'candidate', '--quiet']);
    assert.ok(existsSync(path('candidate/history-made/history.json')));
  });

  it('is only missed where it cannot be written: a history is printed all the same', async () => {
    mkdirSync(path('taken/1'), { recursive: true });
    writeFileSync(path('taken/1/result.json'), readFileSync(path('base/0/result.json')));
    writeFileSync(path('taken/history'), 'a file is in the way');
    const { code, stdout, stderr } = await trunkline(['history', 'taken']);
    assert.equal(code, 0);
    assert.match(stdout, /made/);
    assert.match(stderr, /note: the outcome is not stored: /);
  });
});

describe('trunkline report', { concurrency: AT_ONCE }, () => {
  it('prints a stored ladder as text, Markdown, JSON and a page', async () => {
    const ladder = new URL('../../../results/reference/ladder-ws-to-tcp.json', import.meta.url).pathname;
    const formats: [format: string, start: RegExp][] = [
      ['text', /^trunkline ladder ws-to-tcp · /],
      ['markdown', /^# Ladder ws-to-tcp/],
      ['json', /^\{\s+"schema": "trunkline\.ladder\/1"/],
      ['html', /^<!doctype html>/],
    ];
    for (const [format, start] of formats) {
      const { code, stdout } = await trunkline(['report', ladder, '--format', format]);
      assert.equal(code, 0);
      assert.match(stdout, start);
    }
  });

  it('says in a sentence what is wrong with an outcome that is cut off or newer', async () => {
    writeFileSync(path('cut.json'), '{"schema":"trunkline.gate/1",');
    writeFileSync(path('newer.json'), '{"schema":"trunkline.gate/2"}');
    const cut = await trunkline(['report', 'cut.json', '--format', 'html']);
    assert.deepEqual([cut.code, cut.stdout], [2, '']);
    assert.match(cut.stderr, /^trunkline: RESULT_UNREADABLE: cut\.json: not JSON \(cut off\?\)/);
    const newer = await trunkline(['report', 'newer.json']);
    assert.equal(newer.code, 2);
    assert.match(newer.stderr, /expected schema trunkline\.gate\/1, found "trunkline\.gate\/2"/);
  });
});
