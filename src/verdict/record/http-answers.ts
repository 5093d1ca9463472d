/** What an HTTP load was told, beside what the switch has counted for HTTP clients, in the whole run. */

export interface HttpAnswers {
  /** Answers 201 that named a message, and those that named none. */
  readonly read: number;
  readonly unreadable: number;
  /** Requests whose outcome the load does not know: answers 5xx, broken connections, and those without an answer. */
  readonly withoutOutcome: number;
  readonly sent: number;
  /** Digest of the messages that were named (see base/message-digest). */
  readonly low: number;
  readonly high: number;
}

/** The figures of the load. @param load its counters by name, at the end of a run. */
export function httpAnswers(load: Readonly<Record<string, number>>): HttpAnswers {
  const of = (name: string): number => load[name] ?? 0;
  return {
    read: of('answersRead'),
    unreadable: of('answersUnreadable'),
    withoutOutcome: of('answers5xx') + of('errors') + of('open'),
    sent: of('sent'),
    low: of('digestAnsweredLow'),
    high: of('digestAnsweredHigh'),
  };
}
