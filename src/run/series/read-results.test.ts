import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { readBareResults, readResults, resultFiles } from './read-results.ts';
import { STORED_RESULT } from './stored-run.test-suite.ts';
import { TextReader } from './text-reader.ts';

const top = mkdtempSync(join(tmpdir(), 'trunkline-stored-'));
after(() => rmSync(top, { recursive: true, force: true }));

function put(...parts: string[]): string {
  const path = join(top, ...parts);
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(STORED_RESULT, path);
  return path;
}

describe('stored results', () => {
  const found: string[] = [];
  before(() => {
    found.push(put('a', 'result.json'), put('b', 'run-001-base', 'deep', 'result.json'));
    put('b', 'warm-up', 'result.json');
    put('b', 'other.json');
    writeFileSync(join(top, 'notes.txt'), 'no result');
  });

  it('are found at any depth of a folder, but neither warm-ups nor other files', () => {
    assert.deepEqual(resultFiles(top).sort(), [...found].sort());
  });

  it('are read once each, however often they are named', () => {
    const results = readResults([top, found[0] ?? '', join(top, 'a')]);
    assert.equal(results.length, 2);
    assert.deepEqual(results[0], results[1]);
    assert.ok(results.every(({ series }) => series.atSeconds.length > 0));
    assert.ok(readBareResults([top]).every(({ series }) => series.atSeconds.length === 0));
  });

  it('are read from a file of any name where that is named', () => {
    assert.equal(readResults([join(top, 'b', 'other.json')]).length, 1);
  });

  it('are refused where there is nothing, or something that is none: nothing is left out in silence', () => {
    mkdirSync(join(top, 'empty'));
    const refused: [path: string, message: RegExp][] = [
      [join(top, 'nowhere'), /nowhere: expected a result or a folder of results, found nothing/],
      [join(top, 'empty'), /empty: expected a folder with a result\.json in it, found none.*--out/],
      [join(top, 'notes.txt'), /notes\.txt: not JSON/],
    ];
    for (const [path, message] of refused)
      assert.throws(() => readResults([found[0] ?? '', path]), { code: 'RESULT_UNREADABLE', message });
    const partial = JSON.parse(readFileSync(STORED_RESULT, 'utf8'));
    partial.series.held.pop();
    writeFileSync(join(top, 'partial.json'), JSON.stringify(partial));
    assert.throws(() => readResults([join(top, 'partial.json')]), {
      code: 'RESULT_UNREADABLE',
      message:
        /partial\.json: not a whole result: series\.held: expected \d+ entries as in series\.atSeconds, found \d+/,
    });
    assert.equal(
      readBareResults([join(top, 'partial.json')]).length,
      1,
      'where series are not read they do not matter',
    );
    writeFileSync(join(top, 'a', 'cut.json'), '{"schema": ');
    assert.throws(() => readBareResults([join(top, 'a', 'cut.json')]), {
      code: 'RESULT_UNREADABLE',
      message: /cut\.json/,
    });
  });
});

describe('a reader of many texts', () => {
  it('reads each as it is, whatever it read before', () => {
    const path = join(top, 'text');
    const reader = new TextReader();
    const text = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 0, max: 20_000 }));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (texts) => {
        for (const [part, times] of texts) {
          writeFileSync(path, part.repeat(times));
          assert.ok(reader.read(path) === part.repeat(times));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('refuses what has no end, without filling memory with it', { skip: process.platform !== 'linux' }, () => {
    assert.throws(() => readResults(['/dev/zero']), {
      code: 'RESULT_UNREADABLE',
      message: /^\/dev\/zero: expected a result that can be read: it is longer than 256 MiB\. /,
    });
  });

  it('reads what is longer than it says that it is', { skip: process.platform !== 'linux' }, () => {
    assert.match(new TextReader().read('/proc/self/status'), /^Name:[\s\S]*\n$/);
  });
});
