/**
 * The messages that phones have sent and that are not finished. Each phone numbers its messages in the order in which
 * it first sends them, so a list per phone is sorted by itself: a message is added at the end and found by halving.
 */
export interface SentMessage {
  readonly sender: number;
  readonly number: number;
  readonly id: number;
  readonly recipient: number;
  readonly digest: number;
  /** Of the copies that were sent again: their payloads say so. */
  digestAgain: number;
  /** Copies on the sender's present connection. */
  copies: number;
  isAcknowledged: boolean;
  isRefused: boolean;
  /** Its sender waits for no answer any more. */
  isForgotten: boolean;
  /** On more than one connection. */
  isSentAgain: boolean;
  /** To a group: its recipients, when they are known. */
  members: number;
  shown: number;
  /** To a group: the recipients that it was shown to. Null for a message to a phone. */
  readonly shownTo: number[] | null;
}

export class SentMessages {
  readonly #lists: SentMessage[][];
  /** The highest number that each phone has sent. */
  readonly #highest: Int32Array;

  constructor(phones: number) {
    this.#lists = Array.from({ length: phones }, () => []);
    this.#highest = new Int32Array(phones);
  }

  /** Whether the phone has not sent this number before. */
  isNew(sender: number, number: number): boolean {
    return number > (this.#highest[sender] as number); // phones are inside the column
  }

  /** The unfinished message of this number. */
  find(sender: number, number: number): SentMessage | undefined {
    const list = this.#lists[sender];
    const message = list?.[placeOf(list, number)];
    return message?.number === number ? message : undefined;
  }

  /** Adds a message whose number is new. */
  add(message: SentMessage): void {
    this.#highest[message.sender] = message.number;
    this.#lists[message.sender]?.push(message);
  }

  /** @returns whether it was there. */
  remove({ sender, number }: SentMessage): boolean {
    const list = this.#lists[sender] ?? [];
    const place = placeOf(list, number);
    if (list[place]?.number !== number) return false;
    list.splice(place, 1);
    return true;
  }

  all(): SentMessage[] {
    return this.#lists.flat();
  }
}

/** Where a number is in a list, or would be. */
function placeOf(list: readonly SentMessage[], number: number): number {
  let low = 0;
  for (let high = list.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as SentMessage).number < number)
      low = middle + 1; // middle < length
    else high = middle;
  }
  return low;
}

/**
 * Whether later messages may overtake this one on its way to a recipient: its first copy may have been refused on a
 * connection that was lost, so that the copy that was accepted came after them (PROTOCOL.md, "Sending", rule 4).
 */
export function mayComeLate(message: SentMessage, digest: number, recipient: number): boolean {
  const { isSentAgain, digestAgain, isRefused, shown, shownTo } = message;
  const wasShown = shownTo === null ? shown > 0 : shownTo.includes(recipient);
  return isSentAgain && digest === digestAgain && !isRefused && !wasShown;
}

/** Whether a payload is that of the first copy, or of those that were sent again. */
export function isCopy(message: SentMessage, digest: number): boolean {
  return digest === message.digest || digest === message.digestAgain;
}

export function deliveryName(number: number, sender: number, via: number, recipient: number): string {
  return `message ${number} of phone ${sender} to ${via === recipient ? `phone ${recipient}` : `account ${via}`}`;
}

export function nameOf({ number, sender, recipient }: SentMessage): string {
  return `message ${number} of phone ${sender} to account ${recipient}`;
}
