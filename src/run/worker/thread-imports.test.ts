/** What a thread of a run loads besides its own code costs every thread start, and is on the heap that is measured. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The packages that a file of the build imports statically, directly and through others. */
function packagesOf(start: string): string[] {
  const files = new Set([start]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?from '([^']+)';/gm)) {
      const path = join(dirname(file), name);
      if (!name.startsWith('.')) packages.add(name);
      else if (existsSync(path)) files.add(path);
    }
  }
  return [...packages].filter((name) => !name.startsWith('node:'));
}

const built = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

describe('a thread of a run', () => {
  for (const name of ['worker-main.js', 'make-lane.js', 'make-shard.js', 'ends/make-tun-phone-end.js'])
    it(`loads no package with ${name}: zod alone would be 7 MiB and 0.15 s`, () => {
      assert.deepEqual(packagesOf(built(name)), []);
    });

  it('loads zod as a gateway, whose requests are checked', () => {
    assert.ok(packagesOf(built('make-gateway.js')).includes('zod'));
  });
});
