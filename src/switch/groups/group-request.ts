/**
 * What a phone asks of the home of a group, apart from taking a message. It is one word of a hop, because all three are
 * answered in the same way.
 */
export const GroupRequest = {
  JOIN: 1,
  LEAVE: 2,
  /** How a message or change was answered that it has sent again. */
  ASK: 3,
} as const;
