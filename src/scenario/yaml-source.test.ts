/** Where a value comes from, and what is said of text that is wrong. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { TrunklineError } from '../base/errors.ts';
import { YamlSource } from './yaml-source.ts';

const KIND = { what: 'a thing', code: 'GATE_RULES_INVALID' } as const;
const read = (text: string): YamlSource => new YamlSource(text, 'f.yaml', KIND);

function errorOf(act: () => unknown): TrunklineError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    return error;
  }
  return assert.fail('an error was expected');
}

describe('text that is not right', () => {
  const wrong: [what: string, text: string, message: RegExp][] = [
    ['a key that is there twice', 'a: 1\nb: {c: 1, d: 2, c: 3}\n', /^f\.yaml:2:17: the key "c" is there twice/],
    ['a second document', 'a: 1\n---\nb: 2\n', /^f\.yaml:2:1: expected one document, found another after ---/],
    ['a list', '- 1\n', /^f\.yaml:1:1: expected keys and values, found \[1\]/],
    ['nothing but a comment', '# nothing\n', /^f\.yaml: the file is empty; a thing was expected/],
    ['an alias without an anchor', 'a: *b\n', /^f\.yaml/],
    ['a tab before a key', 'a:\n\tb: 1\n', /^f\.yaml:2:\d+: not YAML/],
  ];
  for (const [what, text, message] of wrong) {
    it(`is refused for ${what}, with the place and the code of what it should be`, () => {
      const error = errorOf(() => read(text));
      assert.match(error.message, message);
      assert.equal(error.code, 'GATE_RULES_INVALID');
    });
  }

  it('is refused where aliases grow beyond what a person writes, without taking the memory', () => {
    const levels = Array.from({ length: 30 }, (_, n) => `k${n + 1}: &k${n + 1} [${`*k${n},`.repeat(9)}]`);
    assert.match(errorOf(() => read(`k0: &k0 [x]\n${levels.join('\n')}\n`)).message, /^f\.yaml: .*alias/i);
  });

  it('with many faults shows the first ten, and how many there are more', () => {
    const text = Array.from({ length: 14 }, (_, n) => `wrong${n}: 1`).join('\n');
    const lines = errorOf(() => read(text).parse(z.strictObject({}))).message.split('\n');
    assert.equal(lines.length, 11);
    assert.match(lines[0] ?? '', /^f\.yaml:1:1: unknown key "wrong0"/);
    assert.equal(lines[10], 'and 4 more');
  });

  it('is quoted no longer than a line', () => {
    const error = errorOf(() => read(`a: ${'x'.repeat(500)}\n`).parse(z.object({ a: z.number() })));
    assert.match(error.message, /^f\.yaml:1:4: a: expected number, found "x{50,60}…$/);
  });
});

describe('what was expected', () => {
  const size = z.union([z.string(), z.number()], { error: 'a size' });
  const schema = z.strictObject({
    buffer: z.union([z.literal('kernel'), size]).optional(),
    conditions: z.union([z.string(), z.array(z.string())]).optional(),
    mode: z.enum(['shared', 'each']).optional(),
    one: z
      .enum(
        Array.from({ length: 40 }, (_, i) => `n${i}`),
        { error: 'one of many' },
      )
      .optional(),
    limit: z.number().optional(),
  });
  const complaints: [text: string, message: string][] = [
    ['buffer: [1]', 'f.yaml:1:9: buffer: expected kernel or a size, found [1]'],
    ['conditions: 5', 'f.yaml:1:13: conditions: expected text or a list, found 5'],
    ['conditions: [5]', 'f.yaml:1:13: conditions: expected text or a list of text, found [5]'],
    ['mode: none', 'f.yaml:1:7: mode: expected one of shared, each, found "none"'],
    ['mode: share', 'f.yaml:1:7: mode: expected one of shared, each, found "share"; did you mean "shared"?'],
    ['one: n3o', 'f.yaml:1:6: one: expected one of many, found "n3o"; did you mean "n3"?'],
    ['limit: .inf', 'f.yaml:1:8: limit: expected number, found Infinity'],
    ['limit: [.nan]', 'f.yaml:1:8: limit: expected number, found [null]'],
    ['limit:', 'f.yaml:1:7: limit: expected number, found nothing'],
  ];
  for (const [text, message] of complaints)
    it(`is said of ${text}`, () => {
      assert.equal(errorOf(() => read(text).parse(schema)).message, message);
    });
});

describe('the place of a value', () => {
  const text = 'a: {b: 1}\nc:\n  - d: 2\n';

  it('is that in the file, that of the nearest parent where it is missing, or the setting that it is from', () => {
    const source = read(text);
    assert.deepEqual(
      [source.place(['a', 'b']), source.place(['c', 0, 'd']), source.place(['a'], 'b')],
      ['f.yaml:1:8', 'f.yaml:3:8', 'f.yaml:1:5'],
    );
    assert.equal(source.place(['a', 'nowhere', 'else']), 'f.yaml:1:4');
    source.set('a.b=5');
    source.set('e.f=6');
    assert.equal(source.place(['a', 'b']), '--set a.b=5');
    assert.equal(source.place([], 'e'), '--set e.f=6', 'a key is there because of what is in it');
    assert.deepEqual([source.isSetting(['a', 'b']), source.isSetting(['c', 0, 'd'])], [true, false]);
  });

  it('of a whole replaced by a setting is the setting, also for what was set in it before', () => {
    const source = read(text);
    source.set('a.b=5');
    source.set('a={b: 7}');
    assert.equal(source.place(['a', 'b']), '--set a={b: 7}');
    assert.deepEqual(source.plain(), { a: { b: 7 }, c: [{ d: 2 }] });
  });

  it('that is missing beside a setting, in a part that the file does not have, is the setting', () => {
    const schema = z.strictObject({
      a: z.unknown(),
      c: z.unknown(),
      list: z.array(z.strictObject({ first: z.number(), count: z.number() })),
    });
    for (const [setting, message] of [
      ['list.0.first=5', /^--set list\.0\.first=5: the key "list\.0\.count" is missing; expected number$/],
      ['list.first=5', /^--set list\.first=5: list: expected a list, found \{"first":5\}$/],
    ] as const) {
      const source = read(text);
      source.set(setting);
      const { code, message: said } = errorOf(() => source.parse(schema));
      assert.match(said, message);
      assert.equal(code, 'SETTING_INVALID', 'the file is not to blame');
    }
    const source = read(`${text}list: [{}]\n`);
    source.set('list.0.first=5');
    const { code, message } = errorOf(() => source.parse(schema));
    assert.match(message, /^f\.yaml:4:8: the key "list\.0\.count" is missing/, 'there it is the file that lacks it');
    assert.equal(code, 'GATE_RULES_INVALID');
  });

  it('of what a step sets names the step', () => {
    const source = read('steps: [{name: x, set: {a.b: 1}}]\n');
    source.setForStep(0, 'x', { 'a.b': 1 });
    assert.match(source.place(['a', 'b']), /^f\.yaml:1:25: step "x"$/);
    assert.equal(errorOf(() => source.setForStep(0, 'x', { name: 'y' })).code, 'GATE_RULES_INVALID');
    assert.match(errorOf(() => source.setForStep(0, 'x', { 'a..b': 1 })).message, /expected a key such as/);
  });
});

describe('settings', () => {
  it('change a value as assignments to an object do, in their order', () => {
    const key = fc.constantFrom('a', 'b', 'a.x', 'a.y', 'b.x', 'b.x.deep', 'c');
    const value = fc.oneof(fc.nat(9), fc.constantFrom('text', 'yes', '5%'), fc.record({ x: fc.nat(9) }));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 12 }), (settings) => {
        const source = read('a: {x: 1, y: 2}\nb: {x: {deep: 3}}\n');
        const model: Record<string, unknown> = { a: { x: 1, y: 2 }, b: { x: { deep: 3 } } };
        for (const [name, to] of settings) {
          const path = name.split('.');
          let inner: Record<string, unknown> | null = model;
          for (const part of path.slice(0, -1)) {
            const next: unknown = inner?.[part] ?? {};
            const isMap: boolean = inner !== null && typeof next === 'object' && next !== null;
            if (isMap && inner !== null) inner[part] = next;
            inner = isMap ? (next as Record<string, unknown>) : null; // a map, as was just seen
          }
          const setting = `${name}=${JSON.stringify(to)}`;
          if (inner === null) {
            assert.match(errorOf(() => source.set(setting)).message, /is a value and has no keys inside/);
            break;
          }
          source.set(setting);
          inner[path.at(-1) ?? ''] = structuredClone(to);
          assert.deepEqual(source.plain(), model, setting);
        }
      }),
    );
  });

  it('name metrics with their dots below thresholds', () => {
    const source = read('name: x\n');
    source.set('thresholds.latency.delivery=p(99)<5ms');
    assert.deepEqual(source.plain(), { name: 'x', thresholds: { 'latency.delivery': 'p(99)<5ms' } });
  });
});
