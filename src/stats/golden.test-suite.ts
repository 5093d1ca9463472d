/** Golden values made by SciPy (scripts/golden/make-golden.py says how), for tests of the build. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** The cases of one file; the caller says what the script wrote there. */
export function readGolden<Cases>(name: string): Cases {
  const text = readFileSync(new URL(`../../src/stats/golden/${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { cases: Cases }).cases; // written by the script
}

/** Equal up to a relative difference; both 0 is equal. */
export function assertClose(actual: number, expected: number, relative: number, what = ''): void {
  const allowed = Math.abs(expected) * relative;
  assert.ok(Math.abs(actual - expected) <= allowed, `${what}: expected ${expected}, found ${actual}`);
}
