/** The terminal that a process shows its progress on. */
import { isInForeground } from './terminal-keys.ts';

export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
}

/** Progress goes to stderr, since results go to stdout. */
export function processTerminal(): Terminal {
  return { input: process.stdin, output: process.stderr, environment: process.env };
}

/**
 * Whether an area of the terminal can be redrawn: not by a process in the background, whose user is doing something
 * else.
 */
export function hasLiveArea({ output, environment }: Terminal): boolean {
  return output.isTTY && environment['TERM'] !== 'dumb' && isInForeground();
}
