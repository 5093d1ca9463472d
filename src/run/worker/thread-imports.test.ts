/** What a thread of a run loads besides its own code costs every thread start, and is on the heap that is measured. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Where the bundle is from which threads start. */
const BUNDLE = fileURLToPath(new URL('../../worker', import.meta.url));
const IMPORTS = /(?:^|[;}])(?:import|export)(?:[^"'();]*?from)?\s*["']([^"']+)["']/gm;

/** The packages that a file of the bundle imports statically, directly and through others. */
function packagesOf(start: string): string[] {
  const files = new Set([start]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const [, name = ''] of readFileSync(join(BUNDLE, file), 'utf8').matchAll(IMPORTS)) {
      if (name.startsWith('./')) files.add(name);
      else if (!name.startsWith('node:')) packages.add(name);
    }
  }
  return [...packages];
}

/** The files that a thread imports by what it is, from the first one. */
const byRole = [...readFileSync(join(BUNDLE, 'worker-main.js'), 'utf8').matchAll(/import\("([^"]+)"\)/g)].map(
  ([, name = '']) => name,
);
const fileOf = (name: string): string => byRole.find((file) => file.startsWith(`./${name}-`)) ?? assert.fail(name);

describe('a thread of a run', () => {
  for (const name of ['make-lane', 'make-shard', 'make-store', 'memory-ends', 'make-tun-phone-end'])
    it(`loads no package for ${name}: zod alone would be 7 MiB and 0.15 s`, () => {
      assert.deepEqual(packagesOf('./worker-main.js'), []);
      assert.deepEqual(packagesOf(fileOf(name)), []);
    });

  it('loads zod for a gateway, whose requests are checked', () => {
    assert.ok(packagesOf(fileOf('make-gateway')).includes('zod'));
  });
});
