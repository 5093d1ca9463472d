/** What a phone asks the home of a group, besides to take a message. */
export const GroupRequest = {
  JOIN: 1,
  LEAVE: 2,
  /** How a message or change was answered that it has sent again. */
  ASK: 3,
} as const;
