/**
 * Loaded before a command by the tests: what it writes under one schema is not what that schema says. Of a result, a
 * count has a fraction; anything else has a key that is not known.
 */
import { RESULT_SCHEMA, type Result } from '../../../result/result-schema.ts';

const SCHEMA = process.env['TEST_UNREADABLE'] ?? '';
const { stringify } = JSON;

function isOf(schema: string, value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'schema' in value && value.schema === schema;
}

function isResult(value: object): value is Result {
  return isOf(RESULT_SCHEMA, value);
}

function damaged(value: unknown): unknown {
  if (!isOf(SCHEMA, value)) return value;
  if (!isResult(value)) return { ...value, strange: 1 };
  return { ...value, connections: { ...value.connections, held: 0.5 } };
}

JSON.stringify = ((value: unknown, ...how: []) => stringify(damaged(value), ...how)) as typeof stringify; // `how` as before
