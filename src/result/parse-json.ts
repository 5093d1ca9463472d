/** Reads stored JSON, and says which file could not be read. */
import { TrunklineError } from '../base/errors.ts';

/**
 * @param file how messages name the text.
 * @throws RESULT_UNREADABLE.
 */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(`${file}: not JSON (cut off?): ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function unreadable(message: string): TrunklineError {
  return new TrunklineError('RESULT_UNREADABLE', message);
}
