import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { scriptedPlan } from '../sides/scripted-sides.test-suite.ts';
import { findClinic, runClinic } from './clinic.ts';

const folder = mkdtempSync(join(tmpdir(), 'trunkline-clinic-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A package that has the name of clinic. @returns its program. */
function install(at: string, version: string, program = ''): string {
  const home = join(at, 'clinic');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'clinic', version }));
  writeFileSync(join(home, 'bin.js'), program);
  return join(home, 'bin.js');
}

describe('clinic', () => {
  it('is found among the packages of the folder first, then among the global ones, in its right version', () => {
    const user = join(folder, 'user');
    const global = join(folder, 'global');
    mkdirSync(user);
    const missing = { code: 'TOOL_MISSING', message: /npm install --global clinic@13/ };
    assert.throws(() => findClinic(user, global), missing);
    install(join(user, 'node_modules'), '12.1.0');
    assert.throws(() => findClinic(user, global), missing);
    const ofAll = install(global, '13.0.0');
    assert.equal(findClinic(user, global), ofAll);
    const own = install(join(user, 'node_modules'), '13.0.0');
    assert.equal(findClinic(user, global), own);
  });

  const run = (program: string) =>
    runClinic(install(join(folder, 'stand-in'), '13.0.0', program), 'clinic-flame', {
      plan: scriptedPlan(),
      out: folder,
      say: () => {},
      interrupted: new AbortController().signal,
    });

  it('is run without statistics, browser or questions, on one thread', async () => {
    const report = join(folder, 'a report.html');
    const found = await run(`
      const { NO_INSIGHT, NO_UPDATE_NOTIFIER } = process.env;
      const [tool, open, dest, out, dashes, node, entry, plan] = process.argv.slice(2);
      const isRight = tool === 'flame' && open === '--open=false' && dest === '--dest' && dashes === '--' &&
        NO_INSIGHT === '1' && NO_UPDATE_NOTIFIER === '1' && entry.endsWith('one-thread-main.js') &&
        require('node:v8').deserialize(require('node:fs').readFileSync(plan)).settings.seed > 0;
      console.log(isRight ? 'Generated HTML file is ${pathToFileURL(report)}' : process.argv.join(' '));`);
    assert.equal(found, report);
  });

  it('that fails says so, with its last words and the version of Node', async () => {
    await assert.rejects(run(`console.error('cannot read trace'); process.exit(3)`), {
      code: 'TOOL_FAILED',
      message: /clinic-flame left no report \(exit code 3, Node v\d.*\): cannot read trace/,
    });
  });
});
