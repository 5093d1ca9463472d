import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { resultFiles } from '../../run/series/read-results.ts';
import { STORED_RESULT } from '../../run/series/stored-run.test-suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'trunkline-outputs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A process that checks whether folders can be written, many times. @returns what it printed and its exit code. */
async function checking(): Promise<[text: string, code: number | null]> {
  const module = new URL('./check-outputs.js', import.meta.url).href;
  const program = `import { checkOutputs } from '${module}';
    for (let n = 0; n < 1000; n++) checkOutputs({ out: 'new/of/several', saveBaseline: 'results/of/several' });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: folder });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve([text, code])));
}

describe('checks of outputs', () => {
  it('of several processes at once disturb neither each other nor a reader of results there, and leave nothing', async () => {
    const results = join(folder, 'results');
    mkdirSync(join(results, 'run-1'), { recursive: true });
    copyFileSync(STORED_RESULT, join(results, 'run-1', 'result.json'));
    const processes = Promise.all([checking(), checking(), checking()]);
    let ended = false;
    void processes.finally(() => {
      ended = true;
    });
    while (!ended) {
      assert.deepEqual(resultFiles(results), [join(results, 'run-1', 'result.json')]);
      assert.equal(existsSync(join(folder, 'new')), false, 'others would find it, and lose it again');
      await turn();
    }
    for (const [text, code] of await processes) assert.equal(code, 0, text);
    assert.deepEqual([readdirSync(folder), readdirSync(results)], [['results'], ['run-1']]);
  });
});
