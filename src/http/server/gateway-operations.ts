/**
 * What each operation does: checks the request, asks the gateway, and answers when the switch has answered. It knows no
 * sockets and no limits; those are GatewayServer's.
 */
import { causeOf } from '../../base/cause-of.ts';
import type { Clock } from '../../base/clock.ts';
import { ANY_BUSINESS, type Gateway, type Located } from '../../switch/gateway.ts';
import { GATEWAY_FULL } from '../../switch/gateway-questions.ts';
import { AWAY, MESSAGE_ACCEPTED } from '../../switch/homes/account-home.ts';
import { GROUP_TEXT_BYTES_MAX, TEXT_BYTES_MAX } from '../../wire/business-payload.ts';
import { ErrorFrameCode } from '../../wire/frames.ts';
import { NO_ACCOUNT, type NumberingPlan } from '../../wire/numbering-plan.ts';
import type { Placement } from '../../wire/placement.ts';
import { type SendAnswer, type SendRequest, type SessionAnswer, sendRequestSchema } from '../api/http-schemas.ts';
import type { Problem } from './http-answer.ts';
import type { OpenAnswers, Outcome } from './open-answers.ts';

export interface OperationParts {
  readonly gateway: Gateway;
  readonly answers: OpenAnswers;
  readonly plan: NumberingPlan;
  readonly homes: Placement;
  readonly firstBusiness: number;
  readonly businesses: number;
  readonly tickMicros: number;
  readonly clock: Clock;
}

/** Called once: with what to answer, or the problem. */
export type Reply<Answer> = (answer: Answer | null, problem: Problem | null) => void;

const NUMBER = /^[1-9][0-9]{0,14}$/;
const BUSY: Problem = {
  code: 'SWITCH_BUSY',
  detail: 'The inbox of a shard is full. Try again later, or send less.',
  retryAfterSeconds: 1,
};
const NO_ANSWER: Problem = { code: 'NO_ANSWER', detail: 'The shard may be overloaded: see http.limits.answerTimeout.' };
const GIVEN_UP: Problem = { code: 'OUTCOME_UNKNOWN', detail: 'The shard that was asked has ended before it answered.' };

/** A request to send, checked. */
interface SendOrder {
  readonly to: string;
  /** Account index. */
  readonly recipient: number;
  /** Number of the business from 0, or ANY_BUSINESS. */
  readonly business: number;
  readonly text: Buffer;
  readonly dueMicros: number | undefined;
}

export class GatewayOperations {
  readonly #parts: OperationParts;

  constructor(parts: OperationParts) {
    this.#parts = parts;
  }

  /** Sends a message. @param body of the request. */
  send(body: Buffer, reply: Reply<SendAnswer>): void {
    const order = this.#orderOf(body);
    if ('code' in order) {
      reply(null, order);
      return;
    }
    const { gateway, answers, plan, clock, firstBusiness } = this.#parts;
    const nowMicros = clock.nowMicros();
    const handle = gateway.send(order.business, order.recipient, order.text, order.dueMicros ?? nowMicros);
    if (handle < 0) {
      reply(null, handle === GATEWAY_FULL ? unanswered(order.business) : BUSY);
      return;
    }
    const from = String(plan.numberOf(firstBusiness + gateway.businessOf(handle)));
    const sent = { id: gateway.idOf(handle), from, to: order.to };
    answers.wait(handle, nowMicros, (outcome) => {
      const problem = sendProblem(outcome);
      reply(problem === null ? sent : null, problem);
    });
  }

  /** Finds the session of a number. */
  find(text: string, reply: Reply<SessionAnswer>): void {
    const account = this.#accountOf(text);
    if (account === NO_ACCOUNT) reply(null, unknownNumber(text));
    else {
      this.#locate(account, (found, problem) => {
        reply(found === null ? null : this.#sessionOf(text, found), problem);
      });
    }
  }

  /** Asks every shard for one of its accounts, and replies when all have answered, or with the first problem. */
  ready(reply: Reply<'ready'>): void {
    const { homes, plan } = this.#parts;
    let open = homes.shards;
    let isDone = false;
    const finish = (problem: Problem | null): void => {
      if (isDone) return;
      isDone = true;
      reply(problem === null ? 'ready' : null, problem);
    };
    for (let shard = 0; shard < homes.shards; shard++) {
      const account = homes.accountAt(shard, 0);
      if (account >= plan.size)
        open--; // fewer accounts than shards
      else {
        this.#locate(account, (_found, problem) => {
          if (problem !== null) finish({ code: 'NOT_READY', detail: `Shard ${shard}: ${problem.detail}` });
          else if (--open === 0) finish(null);
        });
      }
    }
    if (open === 0) finish(null);
  }

  #locate(account: number, reply: Reply<Located>): void {
    const { gateway, answers, clock } = this.#parts;
    const handle = gateway.locate(account);
    if (handle < 0) {
      reply(null, BUSY);
      return;
    }
    answers.wait(handle, clock.nowMicros(), (outcome) => {
      if (outcome.kind === 'located') reply(outcome.found, null);
      else reply(null, outcome.kind === 'late' ? NO_ANSWER : GIVEN_UP);
    });
  }

  #orderOf(body: Buffer): SendOrder | Problem {
    const request = parsed(body);
    if ('code' in request) return request;
    const { to, dueMicros } = request;
    const recipient = this.#accountOf(to);
    if (recipient === NO_ACCOUNT) return unknownNumber(to);
    const business = this.#businessOf(request.from);
    if (business === null) return notBusiness(request.from);
    const text = textOf(request);
    return text.length > TEXT_BYTES_MAX ? tooLong(text.length) : { to, recipient, business, text, dueMicros };
  }

  #sessionOf(number: string, { shard, sinceTick, seenAgoSeconds, waiting }: Located): SessionAnswer {
    const { tickMicros, clock } = this.#parts;
    const isOnline = shard !== AWAY;
    const agoMillis = (clock.nowMicros() - sinceTick * tickMicros) / 1000;
    return {
      number,
      isOnline,
      shard: isOnline ? shard : null,
      since: isOnline ? new Date(Date.now() - agoMillis).toISOString() : null,
      resolutionMillis: tickMicros / 1000,
      lastSeen: seenAgoSeconds < 0 ? null : new Date(Date.now() - seenAgoSeconds * 1000).toISOString(),
      waiting,
    };
  }

  #accountOf(number: string): number {
    return NUMBER.test(number) ? this.#parts.plan.indexOf(Number(number)) : NO_ACCOUNT;
  }

  /** The number of a business from 0, or any; null if it is none. */
  #businessOf(number: string | undefined): number | null {
    if (number === undefined) return ANY_BUSINESS;
    const business = this.#accountOf(number) - this.#parts.firstBusiness;
    return business >= 0 && business < this.#parts.businesses ? business : null;
  }
}

function parsed(body: Buffer): SendRequest | Problem {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    return { code: 'MALFORMED_JSON', detail: causeOf(error) };
  }
  const { data, error } = sendRequestSchema.safeParse(value);
  if (data !== undefined) return data;
  const faults = error.issues.map(({ path, message }) => `${path.length === 0 ? 'body' : path.join('.')}: ${message}`);
  return { code: 'INVALID_BODY', detail: faults.join('; ') };
}

function textOf({ body, payload }: SendRequest): Buffer {
  return body === undefined ? Buffer.from(payload ?? '', 'base64') : Buffer.from(body, 'utf8');
}

function sendProblem(outcome: Outcome): Problem | null {
  if (outcome.kind === 'late') return NO_ANSWER;
  if (outcome.kind !== 'answered') return GIVEN_UP;
  switch (outcome.code) {
    case MESSAGE_ACCEPTED:
      return null;
    case ErrorFrameCode.MAILBOX_FULL:
      return {
        code: 'MAILBOX_FULL',
        detail:
          'As many messages wait for the recipient as a mailbox may hold. Try again when the recipient was online.',
        retryAfterSeconds: 60,
      };
    case ErrorFrameCode.STORE_FULL:
      return { code: 'STORE_FULL', detail: 'See switch.mailbox.blocks. Try again later.', retryAfterSeconds: 10 };
    case ErrorFrameCode.NOT_A_MEMBER:
      return {
        code: 'NOT_A_MEMBER',
        detail: 'The recipient is a group or a broadcast list, and only its members or its owner may send to it.',
      };
    case ErrorFrameCode.PAYLOAD_TOO_LONG:
      return { code: 'TEXT_TOO_LONG', detail: `Expected at most ${GROUP_TEXT_BYTES_MAX} bytes to a group.` };
    default:
      return { code: 'SWITCH_BUSY', detail: `The home refused the message with code ${outcome.code}.` };
  }
}

function unknownNumber(number: string): Problem {
  return {
    code: 'NUMBER_UNKNOWN',
    detail: `Expected a number of the numbering plan, found ${JSON.stringify(number)}.`,
  };
}

function notBusiness(number: string | undefined): Problem {
  return {
    code: 'NUMBER_UNKNOWN',
    detail: `from: expected the number of a business, found ${JSON.stringify(number)}.`,
  };
}

function tooLong(bytes: number): Problem {
  return { code: 'TEXT_TOO_LONG', detail: `Expected at most ${TEXT_BYTES_MAX} bytes, found ${bytes}.` };
}

function unanswered(business: number): Problem {
  const who = business === ANY_BUSINESS ? 'Every business has' : 'The business has';
  return {
    code: 'TOO_MANY_UNANSWERED',
    detail: `${who} as many unanswered messages as it may. Wait for answers, or see http.accounts.`,
    retryAfterSeconds: 1,
  };
}
