/** Reads a stored result, and says what is wrong with one that cannot be read. */
import { withoutBulk } from './bare-result.ts';
import { parseJson, unreadable } from './parse-json.ts';
import { RESULT_SCHEMA, type Result, resultSchema } from './result-schema.ts';

/**
 * @param file how messages name the text.
 * @throws RESULT_UNREADABLE.
 */
export function parseResult(text: string, file: string): Result {
  return checkResult(parseJson(text, file), file);
}

/** The same without histograms and time series, whose figures are not looked at either: for many at once. */
export function parseBareResult(text: string, file: string): Result {
  return checkResult(withoutBulk(parseJson(text, file)), file);
}

function checkResult(value: unknown, file: string): Result {
  const found = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (found !== RESULT_SCHEMA) {
    throw unreadable(
      `${file}: expected schema ${RESULT_SCHEMA}, found ${JSON.stringify(found) ?? 'none'}. Use the version of trunkline that wrote it.`,
    );
  }
  const parsed = resultSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadable(`${file}: not a whole result: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}
