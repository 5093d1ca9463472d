/** `npm run experiment:regression` applies patches that slow the code down on purpose. They must still fit the code. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const PATCHES = join(ROOT, 'scripts', 'regressions');

describe('a regression on purpose', () => {
  for (const patch of readdirSync(PATCHES)) {
    it(`can be put in still: ${patch}`, () => {
      execFileSync('git', ['apply', '--check', join(PATCHES, patch)], { cwd: ROOT, stdio: 'pipe' });
    });
  }
});
