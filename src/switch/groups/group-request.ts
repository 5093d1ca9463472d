/** What a phone asks of the home of a group, apart from taking a message. */
export const GroupRequest = {
  JOIN: 1,
  LEAVE: 2,
  /** How a message or change was answered that it has sent again. */
  ASK: 3,
} as const;
