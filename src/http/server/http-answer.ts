/** Writes answers: JSON, text or a problem. */
import type { ServerResponse } from 'node:http';
import { PROBLEM_TYPE, PROBLEMS, type ProblemCode, problemBody } from '../api/problems.ts';

/** Time in which a client that still sends can read why it is refused. */
const LINGER_MILLIS = 1000;

export interface Problem {
  readonly code: ProblemCode;
  /** What was expected and what was found. */
  readonly detail: string;
  /** Seconds after which to try again; absent if that would not help. */
  readonly retryAfterSeconds?: number;
  /** Whether the rest of the request is not read, so that the connection ends. */
  readonly isLast?: boolean;
}

export function answerJson(response: ServerResponse, status: number, value: object): void {
  answer(response, status, 'application/json', JSON.stringify(value), {});
}

export function answerText(response: ServerResponse, type: string, text: string): void {
  answer(response, 200, type, text, {});
}

export function answerProblem(response: ServerResponse, problem: Problem): void {
  const { code, detail, retryAfterSeconds, isLast = false } = problem;
  answer(response, PROBLEMS[code].status, PROBLEM_TYPE, problemBody(code, detail), {
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
    ...(code === 'TOKEN_WRONG' ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(isLast ? { Connection: 'close' } : {}),
  });
}

/** A client that has gone is not answered. */
function answer(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  more: Readonly<Record<string, string>>,
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...more });
  if ('Connection' in more && !response.req.complete) endLater(response, body);
  else response.end(body);
}

/**
 * Answers a request that is still coming, and ends the connection when it has come, or after a moment. Node closes the
 * connection with the end of the answer, and the kernel discards an answer that is not read when more comes after that.
 */
function endLater(response: ServerResponse, body: string): void {
  const end = (): void => void response.end();
  const timer = setTimeout(end, LINGER_MILLIS);
  response.write(body);
  response.req.once('end', end);
  response.once('close', () => clearTimeout(timer));
}
