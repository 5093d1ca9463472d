/** Parses a stored result. Errors name the file and say what is wrong with it. */
import { withoutBulk } from './bare-result.ts';
import { firstIssue } from './first-issue.ts';
import { parseJson, unreadable } from './parse-json.ts';
import { RESULT_SCHEMA, type Result, resultSchema } from './result-schema.ts';
import { seriesFault } from './series-fault.ts';

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
  if (found !== RESULT_SCHEMA) throw unreadable(`${file}: expected schema ${RESULT_SCHEMA}, ${whatToDo(found)}`);
  const parsed = resultSchema.safeParse(value);
  if (!parsed.success) throw unreadable(`${file}: not a whole result: ${firstIssue(parsed.error, value)}`);
  const fault = seriesFault(parsed.data.series);
  if (fault !== null) throw unreadable(`${file}: not a whole result: ${fault}`);
  return parsed.data;
}

const FAMILY = /^trunkline\.result\/(\d+)$/;
/** Characters that are shown of a schema that is none of ours. */
const SHOWN_MAX = 60;

function whatToDo(found: unknown): string {
  const text = (JSON.stringify(found) ?? 'none').slice(0, SHOWN_MAX);
  if (typeof found !== 'string' || !FAMILY.test(found)) return `found ${text}. Name a result.json of trunkline.`;
  const number = (schema: string): number => Number(FAMILY.exec(schema)?.[1]);
  return number(found) > number(RESULT_SCHEMA)
    ? `found the newer ${text}. Update trunkline.`
    : `found the older ${text}. Use the version of trunkline that wrote it.`;
}
