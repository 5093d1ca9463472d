/** What commands print as JSON is what the package publishes; gates are held to it in `self-gate.e2e.test.ts`. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { before, it } from 'node:test';
import { madePairs } from '../../analysis/comparison/made-results.test-suite.ts';
import { schemaComplaints } from '../../result/published-schema.test-suite.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';

const { path, trunkline } = commandFolder();

before(() => {
  for (const [i, pair] of madePairs().entries()) {
    for (const [side, result] of Object.entries(pair)) {
      mkdirSync(path(`${side}/${i}`), { recursive: true });
      writeFileSync(path(`${side}/${i}/result.json`), JSON.stringify(result));
    }
  }
});

const COMMANDS: readonly [schema: string, args: string[]][] = [
  ['comparison', ['compare', '--results', 'base', '--against', 'candidate']],
  ['history', ['history', 'base']],
  ['result', ['report', 'base/0']],
];
for (const [schema, args] of COMMANDS) {
  it(`trunkline ${args[0]} prints JSON by the published schema of a ${schema}`, async () => {
    const { code, stdout, stderr } = await trunkline([...args, '--format', 'json']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(schemaComplaints(schema, JSON.parse(stdout)), []);
  });
}
