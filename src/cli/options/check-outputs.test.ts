import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { checkOutputs } from './check-outputs.ts';

const FILE_OPTIONS = [
  ['--junit', 'junit'],
  ['--summary', 'summary'],
  ['--trend', 'trend'],
  ['--trend-more', 'trendMore'],
] as const;
const FOLDER_OPTIONS = [
  ['--out', 'out'],
  ['--save-baseline', 'saveBaseline'],
] as const;

describe('outputs of a command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-check-outputs-'));
  after(() => rmSync(folder, { recursive: true }));
  const at = (...names: string[]): string => join(folder, ...names);
  writeFileSync(at('kept'), 'a report of yesterday');

  it('are not left behind where they did not exist, nor changed where they did', () => {
    checkOutputs({ out: at('new', 'deep'), junit: at('new.xml'), summary: at('kept') });
    assert.deepEqual([existsSync(at('new')), existsSync(at('new.xml'))], [false, false]);
    assert.equal(readFileSync(at('kept'), 'utf8'), 'a report of yesterday');
  });

  it('are refused before the measurement, each with its option and the reason', () => {
    mkdirSync(at('folder'), { recursive: true });
    for (const [flag, name] of FILE_OPTIONS) {
      const message = `${flag} ${at('folder')}: expected a file that can be written: it is a folder. Choose another path.`;
      const refusal = { name: 'TrunklineError', code: 'OUTPUT_UNWRITABLE', message };
      assert.throws(() => checkOutputs({ [name]: at('folder') }), refusal);
      assert.throws(() => checkOutputs({ [name]: at('missing', 'file') }), { message: /that can be written: ENOENT/ });
    }
    for (const [flag, name] of FOLDER_OPTIONS) {
      const message = new RegExp(`^${flag} .*kept.*: expected a folder that can be written: .*is a file, not a folder`);
      assert.throws(() => checkOutputs({ [name]: at('kept', 'below') }), { code: 'OUTPUT_UNWRITABLE', message });
      assert.throws(() => checkOutputs({ [name]: at('kept') }), { code: 'OUTPUT_UNWRITABLE' });
    }
  });

  it('may be a pipe, which is not opened: that would wait for its reader', () => {
    execFileSync('mkfifo', [at('pipe')]);
    checkOutputs({ summary: at('pipe') });
  });
});
