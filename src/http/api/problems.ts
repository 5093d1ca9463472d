/**
 * What a request that is not fulfilled is answered with: a JSON object as RFC 9457 defines it, with a code that never
 * changes once it is released. Programs tell causes apart by the code; people read the detail.
 */

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

export const PROBLEMS = {
  MALFORMED_REQUEST: { status: 400, title: 'The request is not valid HTTP' },
  MALFORMED_JSON: { status: 400, title: 'The body is not valid JSON' },
  INVALID_BODY: { status: 400, title: 'The body does not match the schema' },
  TOKEN_WRONG: { status: 401, title: 'The bearer token is missing or wrong' },
  NOT_A_MEMBER: { status: 403, title: 'The business may not send to this group' },
  NUMBER_UNKNOWN: { status: 404, title: 'The switch does not serve this number' },
  NOT_FOUND: { status: 404, title: 'There is nothing at this path' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The path does not have this method' },
  REQUEST_TIMEOUT: { status: 408, title: 'The request did not arrive in time' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  TEXT_TOO_LONG: { status: 413, title: 'The text does not fit in a message' },
  NOT_JSON: { status: 415, title: 'The body is not declared as JSON' },
  RATE_EXCEEDED: { status: 429, title: 'Too many requests per second' },
  TOO_MANY_UNANSWERED: { status: 429, title: 'The business has too many unanswered messages' },
  MAILBOX_FULL: { status: 429, title: 'The mailbox of the recipient is full' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The header is too large' },
  TOO_MANY_OPEN_REQUESTS: { status: 503, title: 'Too many requests are open' },
  TOO_MANY_CONNECTIONS: { status: 503, title: 'Too many connections are open' },
  SWITCH_BUSY: { status: 503, title: 'The switch takes no more now' },
  SWITCH_STOPPING: { status: 503, title: 'The switch is stopping' },
  STORE_FULL: { status: 503, title: 'The mailboxes of the switch are full' },
  NOT_READY: { status: 503, title: 'A shard does not answer' },
  OUTCOME_UNKNOWN: { status: 503, title: 'A part of the switch has ended; the message may have arrived or not' },
  NO_ANSWER: { status: 504, title: 'The switch did not answer in time; the message may have arrived or not' },
} as const satisfies Readonly<Record<string, ProblemKind>>;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[]; // its own keys

/** The media type of RFC 9457. */
export const PROBLEM_TYPE = 'application/problem+json';

/** The body of a problem. @param detail what was expected and what was found. */
export function problemBody(code: ProblemCode, detail: string): string {
  const { status, title } = PROBLEMS[code];
  return JSON.stringify({ type: `urn:trunkline:problem:${code}`, title, status, code, detail });
}

/**
 * A whole response, for connections on which the HTTP server cannot answer: refused ones, and requests it cannot parse.
 */
export function rawProblem(code: ProblemCode, detail: string): string {
  const { status, title } = PROBLEMS[code];
  const body = problemBody(code, detail);
  return [
    `HTTP/1.1 ${status} ${title}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
