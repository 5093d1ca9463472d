/**
 * The states of a session's row, the events, and the transition table.
 *
 * The transport, the phone, the home shard and the clock all act on a row independently. So one table has an entry for
 * every pair of state and event: the next state, or the reason why the pair cannot happen. Rows change state only
 * through this table. A pair that cannot happen is a defect of the switch, whatever a phone does.
 *
 * Deliveries, receipts and replacements are not events here: they name a session by its generation, and have no effect
 * if it is not online.
 */
import { AssertionError } from '../../base/assert.ts';

export const SessionState = {
  FREE: 0,
  /** Connected, no login yet. */
  OPEN: 1,
  /** The login was sent to the account's home, which has not answered yet. */
  LOGGING_IN: 2,
  ONLINE: 3,
  /** The transport was told to close the connection. */
  CLOSING: 4,
  /** The connection is gone; messages may be unanswered, and the home must be told. */
  CLOSED: 5,
  /** The connection ended while the login was with the home. */
  CLOSED_LOGGING_IN: 6,
  /** The transport was told to close the connection while the login was with the home. */
  CLOSING_LOGGING_IN: 7,
} as const;
const SESSION_STATES = 8;

export const SessionEvent = {
  /** The transport has a new connection. */
  OPENED: 0,
  /** A valid LOGIN frame arrived; the login goes to the account's home. */
  LOGIN: 1,
  /** The home has accepted the login. */
  ACCEPTED: 2,
  /** The home has refused the login. */
  REFUSED: 3,
  /** A complete frame arrived, or an invalid header. */
  FRAME: 4,
  /** The switch ends the connection: violation, logout, refusal, time-out, replacement, stop. */
  CLOSE: 5,
  /** The connection is gone, whether the phone, the switch, the network or (slow reader) the transport ended it. */
  CLOSED: 6,
  /** The recipient's home has accepted or refused a message of the session. */
  ANSWER: 7,
  /** The timing wheel reports the row, perhaps for an earlier session. */
  LOOK: 8,
  /** The home was told of the end, or has not accepted the session. */
  TOLD: 9,
  /** The home's inbox had no room for the end. */
  UNTOLD: 10,
} as const;

/** The transport does not reuse a connection's number before it is released. */
const TAKEN = -1;
/** Only a LOGIN in OPEN is sent to a home, and the home answers it once. */
const UNASKED = -2;
/** A LOGIN frame in any other state is a violation, or ignored. */
const LATE = -3;
/** A transport reports the end of a connection once, and nothing after it. */
const GONE = -4;
/** The switch only ends a connection that exists and whose input it still handles: see PhoneSessions.heeds. */
const ENDED = -5;
/** Only an online session sends messages, and a row stays until all of them are answered. */
const UNSENT = -6;
/** The home is told of an end from CLOSED. */
const EARLY = -7;
const REASONS = [
  'a new connection has a free row',
  'a home answers a login once, and only one that asked',
  'only an open connection logs in',
  'nothing comes from a connection that is not there',
  'the switch ends a connection that is there, once',
  'a session stays until its messages are answered',
  'a home is told of an end after it came',
];

const { FREE, OPEN, LOGGING_IN, ONLINE, CLOSING, CLOSED, CLOSED_LOGGING_IN, CLOSING_LOGGING_IN } = SessionState;

// FRAME in LOGGING_IN is a violation: CLOSE follows. In CLOSING and CLOSING_LOGGING_IN it is ignored.
// biome-ignore format: a table
const TABLE = [
  // FREE              OPEN        LOGGING_IN          ONLINE   CLOSING  CLOSED  CLOSED_LOGGING_IN  CLOSING_LOGGING_IN
  /* OPENED */
  [OPEN,               TAKEN,      TAKEN,              TAKEN,   TAKEN,   TAKEN,  TAKEN,             TAKEN],
  /* LOGIN */
  [GONE,               LOGGING_IN, LATE,               LATE,    LATE,    GONE,   GONE,              LATE],
  /* ACCEPTED */
  [UNASKED,            UNASKED,    ONLINE,             UNASKED, UNASKED, UNASKED, CLOSED,           CLOSING],
  /* REFUSED */
  [UNASKED,            UNASKED,    CLOSING,            UNASKED, UNASKED, UNASKED, CLOSED,           CLOSING],
  /* FRAME */
  [GONE,               OPEN,       LOGGING_IN,         ONLINE,  CLOSING, GONE,   GONE,              CLOSING_LOGGING_IN],
  /* CLOSE */
  [ENDED,              CLOSING,    CLOSING_LOGGING_IN, CLOSING, ENDED,   ENDED,  ENDED,             ENDED],
  /* CLOSED */
  [GONE,               CLOSED,     CLOSED_LOGGING_IN,  CLOSED,  CLOSED,  GONE,   GONE,              CLOSED_LOGGING_IN],
  /* ANSWER */
  [UNSENT,             UNSENT,     UNSENT,             ONLINE,  CLOSING, CLOSED, UNSENT,            UNSENT],
  /* LOOK */
  [FREE,               OPEN,       LOGGING_IN,         ONLINE,  CLOSING, CLOSED, CLOSED_LOGGING_IN, CLOSING_LOGGING_IN],
  /* TOLD */
  [EARLY,              EARLY,      EARLY,              EARLY,   EARLY,   FREE,   EARLY,             EARLY],
  /* UNTOLD */
  [EARLY,              EARLY,      EARLY,              EARLY,   EARLY,   CLOSED, EARLY,             EARLY],
] as const;

const NEXT = Int8Array.from(TABLE.flat());

/**
 * The state after an event.
 * @throws AssertionError for a pair that cannot happen.
 */
export function nextState(state: number, event: number): number {
  const next = NEXT[event * SESSION_STATES + state] as number; // inside the table
  if (next < 0) throw new AssertionError(`${REASONS[-1 - next]} (state ${state}, event ${event})`);
  return next;
}
