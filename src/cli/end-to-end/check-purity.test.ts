/** Pure folders are pure, and `check-purity` notices where one is not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PURE: readonly string[] = JSON.parse(readFileSync(join(ROOT, 'scripts/pure-folders.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));

function check(): { code: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/check-purity.mjs'), '--root', folder], {
    encoding: 'utf8',
  });
  return { code: status, stderr };
}
function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

describe('check-purity', () => {
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    for (const one of PURE) mkdirSync(join(folder, 'src', one), { recursive: true });
    write('src/measure/limits.ts', "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('accepts types from anywhere, tests, and words in comments and strings', () => {
    write('src/plan/one.ts', "import type { Limits } from '../measure/limits.ts';\n// Date.now() and process.exit\n");
    write('src/plan/two.ts', "import {\n  type Limits,\n  type Other,\n} from '../measure/limits.ts';\n");
    write('src/plan/one.test.ts', "import { read } from '../measure/limits.ts';\nDate.now();\n");
    write('src/verdict/guards/one.ts', "import { type Limits } from '../../measure/limits.ts';\n");
    assert.deepEqual(check(), { code: 0, stderr: '' });
  });

  it('names a call of what must be passed in', () => {
    write('src/switch/tables/one.ts', 'export const started = Date.now();\n');
    const { code, stderr } = check();
    assert.equal(code, 1);
    assert.match(stderr, /^src\/switch\/tables\/one\.ts:1: a pure folder calls Date\.now$/m);
  });

  it('names the way to a module of Node that a pure file loads with what it imports', () => {
    write('src/plan/sockets/one.ts', "import { type Limits, read } from '../../measure/limits.ts';\n");
    write('src/plan/two.ts', "import { one } from './sockets/one.ts';\n");
    const { code, stderr } = check();
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^src\/plan\/sockets\/one\.ts: a pure folder loads measure\/limits\.ts, which loads node:fs$/m,
    );
    assert.match(stderr, /^src\/plan\/two\.ts: a pure folder loads plan\/sockets\/one\.ts, which loads measure/m);
  });

  it('names code of a folder that measures in any room of verdict', () => {
    write('src/measure/numbers.ts', 'export const two = 2;\n');
    write('src/verdict/guards/one.ts', "import { two } from '../../measure/numbers.ts';\n");
    const { code, stderr } = check();
    assert.equal(code, 1);
    assert.match(stderr, /^src\/verdict\/guards\/one\.ts: verdict may import only types .*: measure\/numbers\.ts$/m);
  });
});
