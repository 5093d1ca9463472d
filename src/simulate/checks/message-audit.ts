/**
 * What phones were promised, and whether it was kept, judged by the frames that pass between phones and switch alone.
 * It shares nothing with switch or driver but the format of frames and the place of a message's number in its payload,
 * so that no fault of theirs can be a fault of the check.
 *
 *  - a message that was acknowledged is shown to its recipient, once, unchanged, and in the order of its sender, unless
 *    it was sent on several connections;
 *  - a message that was refused is not shown, and every message is answered.
 *
 * A phone that forgets what it has sent and seen (PROTOCOL.md, "Sending", rule 1) is held to less: what it had not
 * finished sending may arrive or not, and it may be shown a message twice. No message to it is lost. What a phone
 * shows, the audit finds by the rule of PROTOCOL.md, "Receiving".
 */
import { TrunklineError } from '../../base/errors.ts';
import { serialDistance } from '../../base/serial-distance.ts';
import { ErrorFrameCode } from '../../wire/frames.ts';
import { NewestShown } from './newest-shown.ts';
import { PhonePhase } from './phone-phase.ts';
import { deliveryName, isCopy, mayComeLate, nameOf, type SentMessage, SentMessages } from './sent-messages.ts';

/** What a check found wrong. */
export interface Violation {
  /** A stable name of the check: one failure is the same as another if their checks are. */
  readonly check: string;
  readonly text: string;
  readonly atMicros: number;
}

/** A message, and what must be known of it to say so. */
export interface WaitingMessage {
  readonly sender: number;
  readonly id: number;
  readonly recipient: number;
}

/** Violations that are kept. Later ones are dropped: the first says what failed, and the run ends soon after it. */
const VIOLATIONS_MAX = 8;
/**
 * Entries of all maps together, about 200 MB, or more for as many phones that each talk to a few others. A run that
 * needs more ends with PLAN_EXCEEDS_LIMIT. Few do: a message is forgotten when it has been acknowledged and shown, and
 * of each pair of phones only the newest number that was shown is kept.
 */
const ENTRIES_MAX = 2 ** 20;
const ENTRIES_PER_PHONE = 8;
const NO_SEQUENCE = -1;

export class MessageAudit {
  readonly violations: Violation[] = [];
  readonly areGroupsVolatile: boolean;
  /** Messages that were sent, acknowledged, shown and refused, copies left out. */
  sent = 0;
  acknowledged = 0;
  shown = 0;
  refused = 0;
  /** Of the messages that were sent, those to groups: each is shown to several phones, or to none. */
  sentToGroups = 0;
  /** Whether a phone has forgotten something: then the driver's counters do not balance. */
  isForgetful = false;
  /** Messages between phones that were acknowledged and not shown yet. */
  waiting = 0;
  /** Messages without an answer. */
  unanswered = 0;
  /** Messages that were shown after later ones of their pair, as they may be. */
  overtaken = 0;
  readonly #phones: number;
  readonly #nowMicros: () => number;
  readonly #entriesMax: number;
  #entries = 0;
  readonly #phases: Uint8Array;
  readonly #newest: Int32Array;
  readonly #confirmed: Int32Array;
  /** 1 for a phone that has forgotten what it had seen. */
  readonly #hasForgotten: Uint8Array;
  readonly #unanswered: SentMessage[][];
  readonly #messages: SentMessages;
  /** Of {@link waiting}, those for each phone. */
  readonly #waitingFor: Int32Array;
  readonly #newestShown: NewestShown;

  /**
   * @param phones accounts with a lower index are phones, the others groups.
   * @param areGroupsVolatile whether shards lose what they know of messages to groups: then a member may be shown one
   *   twice, or not at all (PROTOCOL.md, "Groups and broadcast lists").
   * @param entriesMax messages that are kept, and pairs of phones, at most.
   */
  constructor(
    phones: number,
    areGroupsVolatile: boolean,
    nowMicros: () => number,
    entriesMax = Math.max(ENTRIES_MAX, ENTRIES_PER_PHONE * phones),
  ) {
    this.#phones = phones;
    this.areGroupsVolatile = areGroupsVolatile;
    this.#nowMicros = nowMicros;
    this.#entriesMax = entriesMax;
    this.#phases = new Uint8Array(phones);
    this.#newest = new Int32Array(phones).fill(NO_SEQUENCE);
    this.#confirmed = new Int32Array(phones).fill(NO_SEQUENCE);
    this.#hasForgotten = new Uint8Array(phones);
    this.#unanswered = Array.from({ length: phones }, () => []);
    this.#messages = new SentMessages(phones);
    this.#waitingFor = new Int32Array(phones);
    this.#newestShown = new NewestShown(phones);
  }

  /** What a phone is doing: a {@link PhonePhase}. */
  phaseOf(phone: number): number {
    const phase = this.#phases[phone] as number; // phones are inside the columns, here and below
    if (phase !== PhonePhase.IDLE) return phase;
    if ((this.#unanswered[phone] as SentMessage[]).length > 0) return PhonePhase.SENDING;
    const isConfirmed = this.#confirmed[phone] === this.#newest[phone];
    return isConfirmed && this.#waitingFor[phone] === 0 ? PhonePhase.IDLE : PhonePhase.RECEIVING;
  }

  /** Messages between phones that were neither answered nor shown. */
  get open(): number {
    return this.#unanswered.reduce((sum, messages) => sum + messages.filter((one) => this.#isOpen(one)).length, 0);
  }

  get forgotten(): number {
    return this.isForgetful ? this.forgottenMessages().length : 0;
  }

  /** Messages between phones that their senders forgot before an answer, and that were not shown. */
  forgottenMessages(): WaitingMessage[] {
    return this.#messages.all().filter((message) => message.isForgotten && this.#isOpen(message));
  }

  /** Messages that were acknowledged and not shown, by the phone that they wait for. */
  waitingMessages(): WaitingMessage[] {
    return this.#messages
      .all()
      .filter(({ isAcknowledged, shown, recipient }) => isAcknowledged && shown === 0 && recipient < this.#phones);
  }

  /** Acknowledged messages to groups whose recipients are known and have not all been shown them. */
  groupMessages(): Readonly<Pick<SentMessage, 'sender' | 'id' | 'recipient' | 'members' | 'shown'>>[] {
    return this.#messages
      .all()
      .filter(
        (message) => message.recipient >= this.#phones && message.isAcknowledged && Number.isFinite(message.members),
      );
  }

  /** How many messages wait for phones from this one on. */
  waitingFrom(first: number): number {
    let waiting = 0;
    for (let phone = first; phone < this.#phones; phone++) waiting += this.#waitingFor[phone] as number;
    return waiting;
  }

  connecting(phone: number): void {
    this.#phases[phone] = PhonePhase.CONNECTING;
  }

  /** The connection of a phone is over: copies of its messages on it count no longer. */
  ended(phone: number): void {
    this.#phases[phone] = PhonePhase.AWAY;
    for (const message of this.#unanswered[phone] as SentMessage[]) message.copies = 0;
  }

  /** A phone loses its connection and its state. */
  forgets(phone: number): void {
    this.isForgetful = true;
    this.#hasForgotten[phone] = 1;
    this.#newest[phone] = NO_SEQUENCE;
    this.#confirmed[phone] = NO_SEQUENCE;
    const messages = this.#unanswered[phone] as SentMessage[];
    for (const message of messages) {
      message.isForgotten = true;
      this.#forgetIfDone(message);
    }
    this.unanswered -= messages.length;
    messages.length = 0;
  }

  loggingIn(phone: number): void {
    this.#phases[phone] = PhonePhase.LOGGING_IN;
  }

  loggedIn(phone: number): void {
    this.#phases[phone] = PhonePhase.IDLE;
  }

  confirms(phone: number, sequence: number): void {
    this.#confirmed[phone] = sequence;
  }

  /** A phone sends a message. @throws PLAN_EXCEEDS_LIMIT if too many are kept. */
  sends(sender: number, id: number, recipient: number, number: number, digest: number): void {
    if (!this.#messages.isNew(sender, number)) {
      const before = this.#messages.find(sender, number);
      if (before === undefined) return; // it was acknowledged and shown, and is sent again all the same
      if (before.copies++ > 0) return;
      before.isSentAgain = true;
      before.digestAgain = digest;
      return;
    }
    this.#addEntry();
    const message: SentMessage = {
      sender,
      number,
      id,
      recipient,
      digest,
      digestAgain: digest,
      copies: 1,
      isAcknowledged: false,
      isRefused: false,
      isForgotten: false,
      isSentAgain: false,
      members: 1,
      shown: 0,
      shownTo: recipient < this.#phones ? null : [],
    };
    this.#messages.add(message);
    this.#unanswered[sender]?.push(message);
    this.unanswered++;
    this.sent++;
    if (recipient >= this.#phones) this.sentToGroups++;
  }

  /** The switch acknowledges a message. @param members of a group's version, or -1. */
  acknowledges(sender: number, id: number, members: number): void {
    const message = this.#takeUnanswered(sender, id);
    if (message === undefined) return;
    this.acknowledged++;
    message.isAcknowledged = true;
    if (message.recipient >= this.#phones) message.members = members >= 0 ? members : Number.POSITIVE_INFINITY;
    else if (message.shown === 0) this.#waits(message.recipient, 1);
    this.#forgetIfDone(message);
  }

  /** The switch refuses something. @param code of the frame ERROR; some refuse no message. */
  refuses(sender: number, code: number, id: number): void {
    if (code >= ErrorFrameCode.MALFORMED_FRAME) return;
    const list = this.#unanswered[sender] as SentMessage[];
    const message = list.find((one) => one.id === id);
    if (message === undefined || --message.copies > 0) return;
    list.splice(list.indexOf(message), 1);
    this.unanswered--;
    this.refused++;
    message.isRefused = true;
    if (message.shown > 0)
      this.violated('refusedShown', `${nameOf(message)} was shown and then refused with ERROR ${code}`);
  }

  /**
   * The switch delivers a message to a phone.
   * @param via the group, or the recipient itself.
   * @throws PLAN_EXCEEDS_LIMIT if too many pairs are kept.
   */
  delivers(recipient: number, sequence: number, sender: number, via: number, number: number, digest: number): void {
    const newest = this.#newest[recipient] as number;
    if (newest !== NO_SEQUENCE && serialDistance(sequence, newest) <= 0) return; // seen before
    this.#newest[recipient] = sequence;
    if (sender >= this.#phones) return; // a phone of version 1.0 is told the group only
    const message = this.#messages.find(sender, number);
    // A message to a list comes from its owner, as if it were to the recipient alone.
    const to =
      via === recipient && message !== undefined && message.recipient >= this.#phones ? message.recipient : via;
    if (to !== recipient && this.areGroupsVolatile) return;
    this.#shows(message, recipient, sequence, sender, to, number, digest);
  }

  #shows(
    message: SentMessage | undefined,
    recipient: number,
    sequence: number,
    sender: number,
    via: number,
    number: number,
    digest: number,
  ): void {
    const before = this.#newestShown.of(sender, via, recipient);
    if (before !== undefined && number <= before) {
      if (message?.recipient === via && number < before && mayComeLate(message, digest, recipient)) {
        this.overtaken++;
        this.#showsFirst(message, recipient);
        return;
      }
      if (this.#hasForgotten[recipient] === 1) return;
      const check = number === before ? 'shownTwice' : 'order';
      const name = deliveryName(number, sender, via, recipient);
      this.violated(check, `${name} was shown to phone ${recipient} with sequence ${sequence} after number ${before}`);
      return;
    }
    if (message === undefined || message.recipient !== via || !isCopy(message, digest)) {
      this.violated('changed', `${deliveryName(number, sender, via, recipient)} is not what its sender sent`);
      return;
    }
    if (before === undefined) this.#addEntry();
    this.#newestShown.set(sender, via, recipient, number);
    if (message.isRefused)
      this.violated('refusedShown', `${deliveryName(number, sender, via, recipient)} was refused and then shown`);
    this.#showsFirst(message, recipient);
  }

  #showsFirst(message: SentMessage, recipient: number): void {
    this.shown++;
    message.shown++;
    message.shownTo?.push(recipient);
    if (message.isAcknowledged && message.recipient === recipient) this.#waits(recipient, -1);
    this.#forgetIfDone(message);
  }

  #waits(recipient: number, by: number): void {
    this.waiting += by;
    this.#waitingFor[recipient] = (this.#waitingFor[recipient] as number) + by;
  }

  #isOpen({ recipient, shown }: SentMessage): boolean {
    return recipient < this.#phones && shown === 0;
  }

  #takeUnanswered(sender: number, id: number): SentMessage | undefined {
    const list = this.#unanswered[sender] as SentMessage[];
    for (let n = 0; n < list.length; n++) {
      const message = list[n] as SentMessage; // n < length
      if (message.id !== id) continue;
      list.splice(n, 1);
      this.unanswered--;
      return message;
    }
    return undefined;
  }

  #forgetIfDone(message: SentMessage): void {
    const isOver = message.isAcknowledged || message.isForgotten;
    if (isOver && message.shown >= message.members && this.#messages.remove(message)) this.#entries--;
  }

  #addEntry(): void {
    if (this.#entries < this.#entriesMax) {
      this.#entries++;
      return;
    }
    throw new TrunklineError(
      'PLAN_EXCEEDS_LIMIT',
      `Expected at most ${this.#entriesMax} messages and pairs of phones at the same time, found more. Make simulate.time shorter, or simulate fewer phones or messages.`,
    );
  }

  /** Notes something that is wrong, in the frames or beside them. */
  violated(check: string, text: string): void {
    if (this.violations.length < VIOLATIONS_MAX)
      this.violations.push({ check, text: `${text}.`, atMicros: this.#nowMicros() });
  }
}
