/**
 * Who writes to whom: what a message plan asks of a graph of contacts. Everything follows from the seed by arithmetic.
 */
export interface ContactGraph {
  /** How many contacts a phone has, at least one. */
  contactsOf(phone: number): number;
  /** The phone that is contact `j` of `phone`; `j` is below its number of contacts. */
  phoneOf(phone: number, j: number): number;
  /** Which of its contacts the message with this number of a phone goes to. */
  contactFor(phone: number, number: number): number;
  /**
   * Phones that may have sent the message with this number to `recipient`, for servers that do not say who did.
   * @param candidate from 0.
   * @returns a phone, or -1 if there is no such candidate.
   */
  writerOf(recipient: number, number: number, candidate: number): number;
  /**
   * How many messages a phone sends to the contact of message `number` after message `before` to it, or after the start
   * (0), and before it; 0 where that cannot be known.
   */
  turnsBetween(before: number, number: number): number;
}
