/** Reads the body of a request, up to a limit. */
import type { IncomingMessage } from 'node:http';

/** Bytes of a body that is too large that are read and dropped, so that the client can read the answer. */
const DROPPED_BYTES_MAX = 2 ** 20;

/** The outcome: the body, that it is too large, or that the client has gone. */
export type ReadBody = Buffer | 'too large' | 'gone';

/**
 * Calls back once. Afterwards the rest of a body that is too large is dropped, and the connection is cut if that is
 * long.
 */
export function readBody(request: IncomingMessage, bytesMax: number, done: (body: ReadBody) => void): void {
  const declared = Number(request.headers['content-length'] ?? 0);
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isDone = false;
  const finish = (outcome: ReadBody): void => {
    if (isDone) return;
    isDone = true;
    done(outcome);
  };
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (isDone) {
      if (bytes > bytesMax + DROPPED_BYTES_MAX) request.destroy();
      return;
    }
    if (bytes > bytesMax) finish('too large');
    else chunks.push(chunk);
  });
  request.on('end', () => finish(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))); // its only element
  request.on('close', () => finish('gone'));
  request.on('error', () => finish('gone'));
  if (declared > bytesMax) finish('too large');
}
