/**
 * The messages that the HTTP side says it has sent: the ids in its answers 201, as a digest. Only the load sees these
 * answers, so a switch whose answers name other messages than those that it accepted is noticed here and nowhere else.
 */
import { count } from '../../base/counters.ts';
import { addToDigest } from '../../base/message-digest.ts';
import { NO_ACCOUNT, type NumberingPlan } from '../../wire/numbering-plan.ts';
import type { SendAnswer } from '../api/http-schemas.ts';
import { HttpLoadCounter } from './http-load-counters.ts';

const CREATED = 201;

export class AnsweredMessages {
  readonly #plan: NumberingPlan;
  readonly #counters: Float64Array;

  /** @param counters a row of {@link HttpLoadCounter}. */
  constructor(plan: NumberingPlan, counters: Float64Array) {
    this.#plan = plan;
    this.#counters = counters;
  }

  /** Adds the message of an answer 201; other answers name none. A 201 that names no message is counted apart. */
  add(status: number, body: string): void {
    if (status !== CREATED) return;
    const { id, from } = answerOf(body);
    const sender = this.#plan.indexOf(Number(from));
    if (!Number.isInteger(id) || sender === NO_ACCOUNT) {
      count(this.#counters, HttpLoadCounter.answersUnreadable);
      return;
    }
    count(this.#counters, HttpLoadCounter.answersRead);
    addToDigest(this.#counters, HttpLoadCounter.digestAnsweredLow, sender, Number(id));
  }
}

/** Whatever of an answer is there. A check by the schema would take longer than all the rest. */
function answerOf(body: string): Partial<Record<keyof SendAnswer, unknown>> {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}
