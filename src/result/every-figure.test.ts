/** A result with every section, with each of its values in turn made impossible or taken away. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { everySection } from '../report/run/every-section.test-suite.ts';
import { resultSchema } from './result-schema.ts';

type Path = readonly (string | number)[];

let figure = 7;
const WHOLE: object = structuredClone(everySection({ figure: () => figure++, name: 'one' }));

/** A unit is the last word of a name, or all of it; what has none is counted. */
const UNIT =
  /(Micros|[sS]econds|[sS]hare|PerSecond|PerMessage|PerCommit|PerLogin|PerConnection|PerThrownAway|Mean|[bB]ytes)$/;
/** What has no unit and is no count either. */
const NO_COUNTS = [
  ...['environment.loadBefore', 'environment.loadAfter', 'environment.openFilesLimit'], // as the system says them
  ...['integrity.lost', 'integrity.groups.lost'], // below 0: more were found than sent
  'integrity.findings.0.sender', // below 0: a number outside the plan
  ...['counters.driver.rejectedOverloaded', 'counters.driver.connectsFailedRefused'], // may be of any name
  ...['series.held', 'series.backlogMessages'], // columns of figures
];

/** All keys and items, at any depth. */
function* pathsOf(value: unknown, path: Path = []): Generator<Path> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    yield at;
    yield* pathsOf(inner, at);
  }
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => Object(value)[key], document);
}

/** The parsed document with another value at a path, or without one. */
function parseWith(path: Path, change: (container: object, key: string) => void) {
  const container = Object(valueAt(WHOLE, path.slice(0, -1)));
  const key = String(path.at(-1));
  const before: unknown = Reflect.get(container, key);
  const keys = Object.entries(container);
  change(container, key);
  const top = String(path[0]);
  // Only the section that was changed is parsed: a whole result for each change takes seconds.
  const parsed = resultSchema
    .pick({ [top]: true } as Record<never, true>)
    .safeParse({ [top]: Reflect.get(WHOLE, top) });
  Reflect.set(container, key, before);
  assert.equal(Object.entries(container).length, keys.length);
  return parsed;
}

const numbers = [...pathsOf(WHOLE)].filter((path) => typeof valueAt(WHOLE, path) === 'number');
const nameOf = (path: Path): string => String(path.findLast((key) => typeof key === 'string'));

describe('the figures of a result', () => {
  it('are refused, by their place, where a count is below 0 or no whole number', () => {
    const counts = numbers.filter((path) => !UNIT.test(nameOf(path)));
    assert.ok(counts.length > 150, `${counts.length} counts`);
    const accepted = counts.filter((path) =>
      [-1, 0.5].some((wrong) => {
        const parsed = parseWith(path, (container, key) => Reflect.set(container, key, wrong));
        const places = parsed.error?.issues.map((issue) => issue.path.join('.'));
        return parsed.success || !places?.includes(path.join('.'));
      }),
    );
    assert.deepEqual(
      new Set(accepted.map((path) => path.join('.').replace(/^(series\.\w+)\.\d+$/, '$1'))),
      new Set(NO_COUNTS),
    );
  });

  it('with a unit may be any number: rates and times are no whole numbers', () => {
    const measured = numbers.filter((path) => UNIT.test(nameOf(path)));
    assert.ok(measured.length > 100, `${measured.length} figures`);
    const refused = measured.filter((path) => !parseWith(path, (one, key) => Reflect.set(one, key, 0.25)).success);
    assert.deepEqual(
      refused.map((path) => path.join('.')).filter((path) => !/[bB]ytes/.test(path)),
      [],
    );
  });

  it('that a result lacks because it is older read as nothing, none or 0, and never as a figure', () => {
    let older = 0;
    for (const path of pathsOf(WHOLE)) {
      if (typeof path.at(-1) === 'number' || path[0] === 'startedAt') continue;
      const parsed = parseWith(path, (container, key) => Reflect.deleteProperty(container, key));
      if (!parsed.success) continue;
      const found = valueAt(parsed.data, path);
      const place = path.join('.');
      if (place.startsWith('counters.') || place.startsWith('environment.sysctls.')) continue; // of any name
      older++;
      // All histograms had the same range before results said which.
      const entries = [[path.at(-1), found], ...Object.entries(Object(found))].filter(([key]) => key !== 'rangeMicros');
      const figures = entries.map(([, value]) => value).filter((value) => typeof value === 'number');
      assert.ok(
        figures.every((value) => value === 0),
        `${place} reads as ${JSON.stringify(found)}`,
      );
    }
    assert.ok(older > 20, `${older} parts may be missing`);
  });
});
