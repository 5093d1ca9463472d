/** What a thread is told of a scenario, held against a table of keys. */
import assert from 'node:assert/strict';

/**
 * Each key arrives in its own settings and in no other: alone it changes them, and together with all others it still
 * says the same. The values of a table must differ, so that no two keys can change places unseen.
 *
 * @param told the settings for what is set in a scenario.
 * @param keys what is set, and the settings that it must lead to.
 */
export function checkTold<S extends object>(
  told: (...settings: string[]) => S,
  keys: readonly (readonly [setting: string, part: Partial<S>])[],
): void {
  const before = told();
  const all = told(...keys.map(([setting]) => setting));
  for (const [setting, part] of keys) {
    const after = told(setting);
    for (const [key, value] of Object.entries(part)) {
      assert.equal(Object(after)[key], value, setting);
      assert.notEqual(Object(before)[key], value, `${setting} changes something`);
      assert.equal(Object(all)[key], value, `${setting} beside all others`);
    }
  }
}
