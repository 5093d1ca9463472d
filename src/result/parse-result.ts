/** Parses a stored result. Errors name the file and say what is wrong with it. */
import { withoutBulk } from './bare-result.ts';
import { parseJson, unreadable } from './parse-json.ts';
import { RESULT_SCHEMA, type Result, resultSchema } from './result-schema.ts';

/**
 * @param file name of the file, for messages.
 * @throws RESULT_UNREADABLE.
 */
export function parseResult(text: string, file: string): Result {
  return checkResult(parseJson(text, file), file);
}

/** The same without histograms and time series, which are not checked either: for reading many results at once. */
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
