/** What a phone is doing, as the frames say: for the coverage of faults. */
export const PhonePhase = {
  AWAY: 0,
  CONNECTING: 1,
  LOGGING_IN: 2,
  IDLE: 3,
  /** A message of the phone is unanswered. */
  SENDING: 4,
  /** A message to the phone is acknowledged and not shown, or shown and not confirmed. */
  RECEIVING: 5,
} as const;
export const PHONE_PHASES = ['away', 'connecting', 'logging in', 'idle', 'sending', 'receiving'] as const;
