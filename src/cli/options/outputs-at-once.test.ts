import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'trunkline-outputs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A process that checks whether a folder can be written, many times. @returns what it printed and its exit code. */
async function checking(): Promise<[text: string, code: number | null]> {
  const module = new URL('./check-outputs.js', import.meta.url).href;
  const program = `import { checkOutputs } from '${module}';
    for (let n = 0; n < 3000; n++) checkOutputs({ out: 'results/of/several' });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: folder });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve([text, code])));
}

describe('checks of outputs', () => {
  it('of several processes at once, each of which makes the folder and removes it, do not disturb each other', async () => {
    for (const [text, code] of await Promise.all([checking(), checking(), checking()])) assert.equal(code, 0, text);
  });
});
