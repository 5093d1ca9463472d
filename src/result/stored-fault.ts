/**
 * Whether what was just stored can be read again. Nothing else would notice that a figure is not what its schema says:
 * a run would end as any other, and the commands that read its result would refuse it.
 */
import { TrunklineError } from '../base/errors.ts';

/**
 * @param text as it was stored.
 * @param path of its file, for the message.
 * @param read reads such files; it throws a TrunklineError for one that it refuses.
 * @returns the error to end with, once all else is done that is to be done with what was stored; null if it can be read.
 */
export function storedFault(
  text: string,
  path: string,
  read: (text: string, file: string) => unknown,
): TrunklineError | null {
  try {
    read(text, path);
    return null;
  } catch (error) {
    if (!(error instanceof TrunklineError)) throw error;
    return new TrunklineError(
      'RESULT_INVALID',
      `Expected to have stored what trunkline can read again, found ${error.message}. What was measured is in that file all the same. This is a bug in trunkline: report it, with the file.`,
      { cause: error },
    );
  }
}
