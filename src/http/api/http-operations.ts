/** The operations of the HTTP side: paths, methods, and what each may be answered with. */
import type { z } from 'zod';
import { healthAnswerSchema, sendAnswerSchema, sendRequestSchema, sessionAnswerSchema } from './http-schemas.ts';
import type { ProblemCode } from './problems.ts';

interface HttpOperation {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly summary: string;
  readonly needsToken: boolean;
  /** Schema of the body; absent without one. */
  readonly request?: z.ZodType;
  readonly status: number;
  /** Schema of the answer; a text if it is not JSON. */
  readonly answer: z.ZodType | 'text' | 'openapi';
  readonly problems: readonly ProblemCode[];
}

const ALWAYS: readonly ProblemCode[] = [
  'MALFORMED_REQUEST',
  'REQUEST_TIMEOUT',
  'HEADERS_TOO_LARGE',
  'TOO_MANY_OPEN_REQUESTS',
  'TOO_MANY_CONNECTIONS',
];
const LIMITED: readonly ProblemCode[] = ['TOKEN_WRONG', 'RATE_EXCEEDED', 'SWITCH_BUSY', 'SWITCH_STOPPING'];

const HTTP_OPERATIONS = {
  sendMessage: {
    method: 'POST',
    path: '/v1/messages',
    summary: 'Sends a message of a business account; the answer comes when the switch has acknowledged it (✓)',
    needsToken: true,
    request: sendRequestSchema,
    status: 201,
    answer: sendAnswerSchema,
    problems: [
      ...ALWAYS,
      ...LIMITED,
      'MALFORMED_JSON',
      'INVALID_BODY',
      'NOT_A_MEMBER',
      'NUMBER_UNKNOWN',
      'BODY_TOO_LARGE',
      'TEXT_TOO_LONG',
      'NOT_JSON',
      'TOO_MANY_UNANSWERED',
      'MAILBOX_FULL',
      'STORE_FULL',
      'OUTCOME_UNKNOWN',
      'NO_ANSWER',
    ],
  },
  findSession: {
    method: 'GET',
    path: '/v1/sessions/{number}',
    summary: 'Where the session of a number is, and since when',
    needsToken: true,
    status: 200,
    answer: sessionAnswerSchema,
    problems: [...ALWAYS, ...LIMITED, 'NUMBER_UNKNOWN', 'OUTCOME_UNKNOWN', 'NO_ANSWER'],
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    summary: 'Counters of the switch and of its HTTP side, in the text format of Prometheus',
    needsToken: false,
    status: 200,
    answer: 'text',
    problems: ALWAYS,
  },
  health: {
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the HTTP side lives',
    needsToken: false,
    status: 200,
    answer: healthAnswerSchema,
    problems: ALWAYS,
  },
  readiness: {
    method: 'GET',
    path: '/readyz',
    summary: 'Whether every shard answers, and the switch is not stopping',
    needsToken: false,
    status: 200,
    answer: healthAnswerSchema,
    problems: [...ALWAYS, 'NOT_READY', 'SWITCH_STOPPING'],
  },
  description: {
    method: 'GET',
    path: '/openapi.json',
    summary: 'This description',
    needsToken: false,
    status: 200,
    answer: 'openapi',
    problems: ALWAYS,
  },
} as const satisfies Readonly<Record<string, HttpOperation>>;

export type OperationName = keyof typeof HTTP_OPERATIONS;
export const OPERATION_NAMES = Object.keys(HTTP_OPERATIONS) as readonly OperationName[]; // its own keys

/** An operation without the types of its row. */
export function operation(name: OperationName): HttpOperation {
  return HTTP_OPERATIONS[name];
}
