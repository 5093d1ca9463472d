/** The description of the HTTP side: complete, and its schemas take what the server takes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { OPERATION_NAMES, operation } from './http-operations.ts';
import { sendRequestSchema } from './http-schemas.ts';
import { openApiDocument } from './open-api-document.ts';
import { PROBLEM_CODES, PROBLEMS, problemBody, rawProblem } from './problems.ts';

interface Described {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

interface Document {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: { readonly Problem: object } };
}

const description = openApiDocument('1.2.3') as Document; // as the interface says; the tests look

/** An operation as it is described. */
function described(name: (typeof OPERATION_NAMES)[number]): Described {
  const { path, method } = operation(name);
  return description.paths[path]?.[method.toLowerCase()] ?? assert.fail(`${name} is described`);
}

describe('the description', () => {
  it('has each operation at its path and method, with every status and code that may come', () => {
    assert.equal(description.info.version, '1.2.3');
    const all = Object.values(description.paths).flatMap((path) => Object.values(path));
    assert.deepEqual(all.map(({ operationId }) => operationId).sort(), [...OPERATION_NAMES].sort());
    for (const name of OPERATION_NAMES) {
      const { responses, security, parameters = [] } = described(name);
      const { problems, status, needsToken, path } = operation(name);
      const statuses = [status, ...problems.map((code) => PROBLEMS[code].status)];
      assert.deepEqual(Object.keys(responses).sort(), [...new Set(statuses)].map(String).sort(), name);
      for (const code of problems) {
        assert.ok(responses[PROBLEMS[code].status]?.description.includes(`${code}: `), `${name} ${code}`);
      }
      assert.equal(security.length > 0, needsToken);
      assert.deepEqual(
        parameters.map((one) => one.name),
        [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter),
      );
    }
  });

  it('refers to nothing that is not there', () => {
    const references = JSON.stringify(description).matchAll(/"\$ref":"#\/([^"]+)"/g);
    for (const [, path = ''] of references) {
      const found = path.split('/').reduce<unknown>((at, key) => Reflect.get(Object(at), key), description);
      assert.equal(typeof found, 'object', path);
    }
  });

  it('takes a body of a message if the server does, but for the rule of text or payload', () => {
    const schema =
      described('sendMessage').requestBody?.content['application/json'].schema ?? assert.fail('it has one');
    const isDescribed = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    const number = fc.constantFrom('1', '447700000000', '0', '', '+1', '1234567890123456', '12a', 7, null);
    const body = fc.record(
      {
        to: number,
        from: number,
        body: fc.constantFrom('x', '', 'ä', 1, null),
        dueMicros: fc.constantFrom(0, 5, -1, 1.5, 2 ** 47, 2 ** 47 + 1, '0'),
        other: fc.constantFrom(1),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(body, (value) => {
        const has = value.body === undefined ? { ...value, body: 'x' } : value;
        assert.equal(isDescribed(has), sendRequestSchema.safeParse(has).success, JSON.stringify(has));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a problem', () => {
  it('is as described, whatever its detail has in it', () => {
    const isProblem = new Ajv2020({ strict: false }).compile(description.components.schemas.Problem);
    fc.assert(
      fc.property(fc.constantFrom(...PROBLEM_CODES), fc.string(), (code, detail) => {
        const text = problemBody(code, detail);
        assert.ok(isProblem(JSON.parse(text)));
        const value = JSON.parse(text);
        assert.deepEqual([value.status, value.detail, value.code], [PROBLEMS[code].status, detail, code]);
      }),
    );
  });

  it('is a whole answer of HTTP, with its length in bytes, that ends the connection', () => {
    for (const code of PROBLEM_CODES) {
      const [head = '', body = ''] = rawProblem(code, 'zwölf').split('\r\n\r\n');
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${PROBLEMS[code].status} [^\r\n]+\r\n`));
      assert.match(head, new RegExp(`\r\nContent-Length: ${Buffer.byteLength(body)}(\r\n|$)`));
      assert.match(head, /\r\nConnection: close$/);
      assert.equal(JSON.parse(body).code, code);
      assert.ok(!head.includes(body), code);
    }
  });
});
