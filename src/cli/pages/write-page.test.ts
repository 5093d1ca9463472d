import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { ResultFolder } from '../../run/series/result-folder.ts';
import { PAGE_FILE, writePage } from './write-page.ts';

describe('a page beside a result', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'trunkline-page-'));
  });
  afterEach(() => {
    mock.restoreAll();
    rmSync(folder, { recursive: true });
  });

  it('is written', async () => {
    await writePage(ResultFolder.existing(folder), () => '<p>');
    assert.equal(readFileSync(join(folder, PAGE_FILE), 'utf8'), '<p>');
  });

  it('that cannot be written or made is said on stderr, and is no error', async () => {
    const said = mock.method(process.stderr, 'write', () => true);
    mkdirSync(join(folder, PAGE_FILE));
    await writePage(ResultFolder.existing(folder), () => '<p>');
    await writePage(ResultFolder.existing(folder), () => {
      throw new Error('the page is broken');
    });
    const [first = '', second = ''] = said.mock.calls.map(({ arguments: [text] }) => String(text));
    assert.match(first, /the result is stored, but not its report\.html: .*directory/);
    assert.match(second, /the result is stored, but not its report\.html: the page is broken/);
  });
});
