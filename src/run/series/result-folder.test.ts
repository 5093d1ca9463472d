import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parseResult } from '../../result/parse-result.ts';
import { ResultFolder, unwritableFile } from './result-folder.ts';
import { STORED_RESULT } from './stored-run.test-suite.ts';

const top = mkdtempSync(join(tmpdir(), 'trunkline-folder-'));
after(() => rmSync(top, { recursive: true, force: true }));

describe('the folder of a result', () => {
  it('is made with those above it, and keeps a result whole', async () => {
    const folder = await ResultFolder.create(join(top, 'a', 'b'), 'run-1');
    const result = parseResult(readFileSync(STORED_RESULT, 'utf8'), STORED_RESULT);
    const { path, fault } = await folder.write(result);
    assert.deepEqual([path, fault], [join(top, 'a', 'b', 'run-1', 'result.json'), null]);
    assert.deepEqual(parseResult(readFileSync(path, 'utf8'), path), result);
    assert.deepEqual(readdirSync(folder.path), ['result.json'], 'no part is left');
  });

  it('keeps a result that its reader refuses, and says which figure is at fault', async () => {
    const folder = await ResultFolder.create(top, 'refused');
    const result = parseResult(readFileSync(STORED_RESULT, 'utf8'), STORED_RESULT);
    const fraction = { ...result, throughput: { ...result.throughput, queuedMessagesPeak: 12.5 } };
    const { path, fault } = await folder.write(fraction);
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), fraction);
    assert.equal(fault?.code, 'RESULT_INVALID');
    assert.match(
      fault?.message ?? '',
      /result\.json: not a whole result: throughput\.queuedMessagesPeak: expected int, found 12\.5\. .* This is a bug/,
    );
    const cut = { ...result, series: { ...result.series, held: result.series.held.slice(1) } };
    assert.match(
      (await folder.write(cut)).fault?.message ?? '',
      /series\.held: expected \d+ entries .*, found \d+\. What/,
    );
  });

  it('takes an error of a reader that is none of its own as one', async () => {
    const folder = await ResultFolder.create(top, 'broken');
    const broken = (): never => {
      throw new RangeError('a mistake');
    };
    await assert.rejects(folder.writeChecked('a.json', '{}', broken), RangeError);
  });

  it('names the option to change where it cannot be made or written', async () => {
    writeFileSync(join(top, 'file'), '');
    await assert.rejects(ResultFolder.create(join(top, 'file', 'below'), 'run-1'), {
      code: 'OUTPUT_UNWRITABLE',
      message: /file.below: .*file is a file, not a folder\. Choose another with --out\.$/,
    });
    await assert.rejects(ResultFolder.create(join(top, 'file'), 'run-1', '--save-baseline'), {
      message: /Choose another with --save-baseline\.$/,
    });
    const folder = await ResultFolder.create(top, 'gone');
    rmSync(folder.path, { recursive: true });
    await assert.rejects(folder.writeText('a.txt', 'text'), { code: 'OUTPUT_UNWRITABLE', message: /gone/ });
    assert.match(
      unwritableFile('/x/y', new Error('no space')).message,
      /\/x\/y: no space\. Make room, or name another\./,
    );
  });

  it('is removed where it holds nothing, and left alone where it does', async () => {
    const empty = await ResultFolder.create(top, 'empty');
    await empty.discard();
    assert.equal(existsSync(empty.path), false);
    await empty.discard(); // gone already
    const full = await ResultFolder.create(top, 'full');
    await full.writeText('a.txt', 'text');
    await full.discard();
    assert.equal(existsSync(full.path), true);
  });
});
