/** `scripts/test.mjs` says how it is called, and tests nothing where it was not asked to. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../../scripts/test.mjs', import.meta.url));
/** No file has it in its path, so that not even a broken script starts the suite. */
const NO_TEST = 'no-such-test';

function run(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args, NO_TEST], { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

describe('the options of scripts/test.mjs', () => {
  it('are said with --help', () => {
    const { code, stdout, stderr } = run('--help');
    assert.deepEqual([code, stderr], [0, '']);
    for (const option of ['--whole', '--fast', '--help', 'PART', 'TEST_SEED'])
      assert.ok(stdout.includes(option), option);
  });

  it('are refused where they are not known, with the usage', () => {
    for (const option of ['--fats', '-h']) {
      const { code, stdout, stderr } = run(option);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, new RegExp(`^Expected one of --whole, --fast, --help, found "${option}"\\.\n`));
      assert.match(stderr, /node scripts\/test\.mjs/);
    }
  });

  it('may name several parts; where no path contains one of them, that is said', () => {
    const { code, stderr } = run('neither-this');
    assert.equal(code, 1);
    assert.match(stderr, /No test was found/);
  });
});
