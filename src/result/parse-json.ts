/** Parses stored JSON. Errors name the file. */
import { causeOf } from '../base/cause-of.ts';
import { TrunklineError } from '../base/errors.ts';

/**
 * @param file name of the file, for messages.
 * @throws RESULT_UNREADABLE.
 */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(`${file}: not JSON (cut off?): ${causeOf(error)}`);
  }
}

export function unreadable(message: string): TrunklineError {
  return new TrunklineError('RESULT_UNREADABLE', message);
}
