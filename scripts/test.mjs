// Runs the tests of the build, one file after another: several of them measure or fill the machine.
// Node 20 does not expand patterns by itself.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const filter = process.argv[2] ?? '';
const tests = readdirSync(join(root, 'dist'), { recursive: true })
  .filter((file) => file.endsWith('.test.js') && file.includes(filter))
  .map((file) => join(root, 'dist', file))
  .sort();
if (tests.length === 0) {
  process.stderr.write('No test was found: nothing was tested.\n');
  process.exit(1);
}
const result = spawnSync(process.execPath, ['--test', '--test-concurrency=1', '--test-timeout=600000', ...tests], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = result.status ?? 1;
