/** The schemas that the package publishes, read by a foreign validator, against those that the program itself uses. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { withoutBulk } from './bare-result.ts';
import { changedDocuments } from './changed-documents.test-suite.ts';
import { publishedValidator, readPublishedSchema } from './published-schema.test-suite.ts';
import { publishedSchema } from './published-schema.ts';
import { resultSchema } from './result-schema.ts';
import { STEPS_SCHEMA, stepFigures, stepOutcome, stepsSchema } from './steps-schema.ts';

const STORED = fileURLToPath(new URL('../../results/reference/tcp-100k.json', import.meta.url));
const stored = resultSchema.parse(withoutBulk(JSON.parse(readFileSync(STORED, 'utf8'))));
const made = madeResult();
const steps = stepsSchema.parse({
  schema: STEPS_SCHEMA,
  id: 'a',
  startedAt: '2026-01-01T00:00:00.000Z',
  name: 'made',
  steps: [
    {
      name: 'a',
      number: 1,
      scenario: 'made',
      transport: 'memory',
      isSimulated: true,
      ...stepOutcome(made),
      published: { figure: '2 million', source: 'a talk', metric: 'connections.held', value: 2e6, within: 0.2, own: 5 },
      resultFile: 'a/result.json',
      figures: stepFigures(made),
    },
  ],
});

/** Everything that a document has at some place, as text, for finding what was lost of it. */
function leavesOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}=${JSON.stringify(value)}`];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, `${path}.${key}`))];
}

interface Part {
  readonly key: string;
  readonly document: object;
  readonly ofProgram: z.ZodType;
  readonly published: object;
}

/**
 * Parts are checked alone: a whole result for each change takes seconds. A date is a format, which ajv is not told of.
 */
function partsOf(name: string, schema: z.ZodObject, whole: object): Part[] {
  const published = z.object({ properties: z.record(z.string(), z.unknown()) }).parse(readPublishedSchema(name));
  const keys = Object.keys(schema.shape).filter((key) => key !== 'startedAt');
  return keys.map((key) => ({
    key,
    document: { [key]: Reflect.get(whole, key) },
    ofProgram: z.strictObject({ [key]: schema.shape[key] ?? z.never() }),
    published: {
      type: 'object',
      properties: { [key]: published.properties[key] },
      required: [key],
      additionalProperties: false,
    },
  }));
}

for (const [name, schema, whole] of [
  ['result', resultSchema, stored],
  ['steps', stepsSchema, steps],
] as const) {
  describe(`the published schema of ${name}`, () => {
    for (const { key, document, ofProgram, published } of partsOf(name, schema, whole)) {
      it(`accepts and refuses ${key} as the program does, with any value in it changed`, () => {
        const complaints = publishedValidator(published);
        let refused = 0;
        for (const candidate of changedDocuments(document)) {
          const read = ofProgram.safeParse(candidate);
          if (!read.success) {
            refused++;
            assert.notDeepEqual(complaints(candidate), [], `the program refuses ${JSON.stringify(candidate)}`);
            continue;
          }
          assert.deepEqual(complaints(read.data), [], 'it is written as published');
          if (isDeepStrictEqual(read.data, candidate)) continue;
          const kept = new Set(leavesOf(read.data));
          for (const leaf of leavesOf(candidate)) assert.ok(kept.has(leaf), `${leaf} was read and is lost`);
        }
        assert.ok(refused > 0, 'some changes are refused');
      });
    }
  });
}

describe('a schema as it is published', () => {
  it('has its id, its title and what was said of each key, and nothing that concerns the language only', () => {
    const schema = z.strictObject({
      list: z.array(z.number()).readonly().describe('Some numbers'),
      later: z.string().nullable().prefault(null),
    });
    assert.deepEqual(publishedSchema('trunkline.thing/1', 'a thing', schema), {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'trunkline.thing/1',
      title: 'a thing',
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'number' }, description: 'Some numbers' },
        later: { type: ['string', 'null'] },
      },
      required: ['list', 'later'],
      additionalProperties: false,
    });
  });

  it('is in the package under the name and version that files have', () => {
    for (const [name, id] of [
      ['result', 'trunkline.result/1'],
      ['steps', 'trunkline.steps/1'],
    ] as const) {
      const found = readPublishedSchema(name);
      assert.equal('$id' in found ? found.$id : null, id);
    }
  });
});
