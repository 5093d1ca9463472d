/**
 * The states of a session's row, the events that move it on, and the table that says where to.
 *
 * The transport, the phone, the home shard and the clock all act on a row, each at its own time. So
 * every pair of state and event is in one table: it leads to a state, or it cannot happen, for one of
 * the reasons below. Rows change their state through this table and in no other way; a pair that cannot
 * happen is a mistake of the switch, whatever a phone does.
 *
 * Deliveries, receipts and the word that a session is replaced are no events here: they name a session
 * by its generation, and come to nothing wherever it is not online.
 */
import { AssertionError } from '../base/assert.ts';

export const SessionState = {
  FREE: 0,
  /** Connected, no login yet. */
  OPEN: 1,
  /** The account's home was asked. */
  LOGGING_IN: 2,
  ONLINE: 3,
  /** The transport was told to close the connection. */
  CLOSING: 4,
  /** The connection is gone; the home has yet to be told. */
  CLOSED: 5,
  /** The connection went while the home was being asked. */
  CLOSED_LOGGING_IN: 6,
  /** The transport was told to close the connection while the home was being asked. */
  CLOSING_LOGGING_IN: 7,
} as const;
export const SESSION_STATES = 8;

export const SessionEvent = {
  /** The transport has a new connection. */
  OPENED: 0,
  /** A LOGIN frame is right, and the account's home is asked. */
  LOGIN: 1,
  /** The home has taken the session. */
  ACCEPTED: 2,
  /** The home has not taken the session. */
  REFUSED: 3,
  /** A whole frame has come, or a header that is wrong. */
  FRAME: 4,
  /** The switch ends the connection: violation, logout, refusal, time-out, replacement, stop. */
  CLOSE: 5,
  /** The connection has gone, whoever ended it: phone, switch, network, or a transport with a slow peer. */
  CLOSED: 6,
  /** A message of the session was taken or refused by its recipient's home. */
  ANSWER: 7,
  /** The timing wheel comes by, perhaps for an earlier session of the row. */
  LOOK: 8,
  /** The home was told of the end, or need not be. */
  TOLD: 9,
  /** There was no room to tell the home of the end. */
  UNTOLD: 10,
} as const;

/** The transport gives a number out once until it is released. */
const TAKEN = -1;
/** Only an OPEN connection's LOGIN asks, and a home answers it once. */
const UNASKED = -2;
/** A LOGIN frame in any other state is a violation, or ignored. */
const LATE = -3;
/** Transports tell of an end once, as the last of a connection. */
const GONE = -4;
/** What the switch ends is there, and heeded: see PhoneSessions.heeds. */
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

/** Whether an event can come to a row in this state. */
export function isPossible(state: number, event: number): boolean {
  return (NEXT[event * SESSION_STATES + state] as number) >= 0; // inside the table
}

/**
 * The state after an event.
 * @throws AssertionError for a pair that cannot happen.
 */
export function nextState(state: number, event: number): number {
  const next = NEXT[event * SESSION_STATES + state] as number; // inside the table
  if (next < 0) throw new AssertionError(`${REASONS[-1 - next]} (state ${state}, event ${event})`);
  return next;
}
