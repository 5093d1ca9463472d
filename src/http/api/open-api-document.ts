/** The OpenAPI 3.1 description, generated from the table of operations and the schemas that check requests. */
import { z } from 'zod';
import { OPERATION_NAMES, type OperationName, operation } from './http-operations.ts';
import { problemSchema } from './http-schemas.ts';
import { PROBLEM_TYPE, PROBLEMS, type ProblemCode } from './problems.ts';

const PROBLEM_REFERENCE = { $ref: '#/components/schemas/Problem' };

/** @param version of trunkline. */
export function openApiDocument(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const name of OPERATION_NAMES) {
    const { path, method } = operation(name);
    paths[path] = { ...paths[path], [method.toLowerCase()]: describe(name) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'trunkline, HTTP side of the switch',
      version,
      description:
        'For programs that are not phones. Every answer other than the expected one is a problem (RFC 9457).',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema) },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function describe(name: OperationName): object {
  const { summary, needsToken, request, status, path, problems } = operation(name);
  const parameter = /\{(\w+)\}/.exec(path)?.[1];
  return {
    operationId: name,
    summary,
    security: needsToken ? [{ bearer: [] }] : [],
    ...(parameter === undefined
      ? {}
      : {
          parameters: [
            { name: parameter, in: 'path', required: true, schema: { type: 'string', pattern: '^[1-9][0-9]{0,14}$' } },
          ],
        }),
    ...(request === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(request) } } } }),
    responses: { [status]: { description: 'As expected', content: answerContent(name) }, ...problemAnswers(problems) },
  };
}

function answerContent(name: OperationName): object {
  const { answer } = operation(name);
  if (answer === 'text') return { 'text/plain': { schema: { type: 'string' } } };
  const schema = answer === 'openapi' ? { type: 'object' } : jsonSchema(answer);
  return { 'application/json': { schema } };
}

/** One answer per status, which names the codes that it may have. */
function problemAnswers(codes: readonly ProblemCode[]): Record<string, object> {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const some = codes.filter((code) => PROBLEMS[code].status === status);
      const description = some.map((code) => `${code}: ${PROBLEMS[code].title}`).join('; ');
      return [status, { description, content: { [PROBLEM_TYPE]: { schema: PROBLEM_REFERENCE } } }];
    }),
  );
}

function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
