/** Which outcome a path names, and what is said of a path that cannot be read. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { resultFiles } from '../../run/series/read-results.ts';
import { TEXT_FILE_BYTES_MAX } from '../../run/series/text-reader.ts';
import { findOutcome } from './find-outcome.ts';

const LADDER = fileURLToPath(new URL('../../../results/reference/ladder-ws-to-tcp.json', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'trunkline-outcome-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (...names: string[]): string => join(folder, ...names);

describe('the outcome that a path names', () => {
  it('is in a file of any name, or in that of its kind in a folder', () => {
    mkdirSync(at('ladder'));
    copyFileSync(LADDER, at('ladder', 'ladder.json'));
    assert.equal(findOutcome(LADDER)?.path, LADDER);
    const found = findOutcome(at('ladder'));
    assert.equal(found?.path, at('ladder', 'ladder.json'));
    assert.equal(found.outcome.schema, 'trunkline.ladder/1');
  });

  it('is none where nothing is, or only results', () => {
    mkdirSync(at('run'));
    writeFileSync(at('run', 'result.json'), '{}');
    mkdirSync(at('odd', 'gate.json'), { recursive: true });
    for (const path of [at('nowhere'), at('run'), at('run', 'result.json'), at('odd')])
      assert.equal(findOutcome(path), null, path);
  });

  it('is refused with the path and the reason where that cannot be read, and so is a result', () => {
    writeFileSync(at('file'), '');
    symlinkSync('circle', at('circle'));
    const unreadable: [path: string, message: RegExp][] = [
      [`${at('nul')}\0`, /nul.*: expected a result that can be read: .*null bytes/],
      [at('file', 'below'), /below: expected a result that can be read: ENOTDIR/],
      [at('circle'), /circle: expected a result that can be read: ELOOP/],
      [at('x'.repeat(300)), /xxx: expected a result that can be read: ENAMETOOLONG/],
    ];
    for (const [path, message] of unreadable) {
      assert.throws(() => findOutcome(path), { code: 'RESULT_UNREADABLE', message });
      assert.throws(() => resultFiles(path), { code: 'RESULT_UNREADABLE', message });
    }
  });

  it('is refused with the file and the limit where that is longer than any outcome', () => {
    mkdirSync(at('long'));
    writeFileSync(at('long', 'gate.json'), '');
    truncateSync(at('long', 'gate.json'), TEXT_FILE_BYTES_MAX + 1); // takes no room on the disk
    const refusal = {
      code: 'RESULT_UNREADABLE',
      message: /gate\.json: expected a result that can be read: it is longer than 256 MiB/,
    };
    assert.throws(() => findOutcome(at('long')), refusal);
    assert.throws(() => findOutcome(at('long', 'gate.json')), refusal);
  });
});
